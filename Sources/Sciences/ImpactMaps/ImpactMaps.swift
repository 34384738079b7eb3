enum ImpactMapsPlaceholder {}
