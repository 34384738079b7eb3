import Testing

@Suite struct PlaceholderHouse {}
