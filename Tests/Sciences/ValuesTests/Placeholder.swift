import Testing

@Suite struct PlaceholderValues {}
