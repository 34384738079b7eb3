import Testing

@Suite struct PlaceholderExperimentation {}
