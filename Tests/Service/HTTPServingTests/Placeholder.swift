import Testing

@Suite struct PlaceholderHTTPServing {}
