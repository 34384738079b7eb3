import Testing

@Suite struct PlaceholderTraffic {}
