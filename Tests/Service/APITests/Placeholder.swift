import Testing

@Suite struct PlaceholderAPI {}
