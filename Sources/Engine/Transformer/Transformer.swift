enum TransformerPlaceholder {}
