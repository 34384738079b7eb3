enum TuningPlaceholder {}
