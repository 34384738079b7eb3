import Testing

@Suite struct PlaceholderCommands {}
