enum DriftDetectionPlaceholder {}
