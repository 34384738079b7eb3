import Testing

@Suite struct PlaceholderTransformer {}
