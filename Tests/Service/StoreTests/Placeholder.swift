import Testing

@Suite struct PlaceholderStore {}
