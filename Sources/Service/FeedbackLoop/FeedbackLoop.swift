enum FeedbackLoopPlaceholder {}
