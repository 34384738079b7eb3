import Testing

@Suite struct PlaceholderContracts {}
