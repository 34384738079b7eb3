import Testing

@Suite struct PlaceholderDriftDetection {}
