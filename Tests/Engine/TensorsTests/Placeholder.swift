import Testing

@Suite struct PlaceholderTensors {}
