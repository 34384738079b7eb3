import Testing

@Suite struct PlaceholderFineTuning {}
