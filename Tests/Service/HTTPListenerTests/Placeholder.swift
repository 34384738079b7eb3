import Testing

@Suite struct PlaceholderHTTPListener {}
