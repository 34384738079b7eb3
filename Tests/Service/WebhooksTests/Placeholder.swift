import Testing

@Suite struct PlaceholderWebhooks {}
