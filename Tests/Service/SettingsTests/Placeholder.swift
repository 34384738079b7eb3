import Testing

@Suite struct PlaceholderSettings {}
