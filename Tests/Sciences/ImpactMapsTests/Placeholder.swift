import Testing

@Suite struct PlaceholderImpactMaps {}
