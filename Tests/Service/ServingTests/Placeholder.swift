import Testing

@Suite struct PlaceholderServing {}
