enum ExperimentationPlaceholder {}
