import Testing

@Suite struct PlaceholderFeedbackLoop {}
