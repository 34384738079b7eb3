import Testing

@Suite struct PlaceholderTuning {}
