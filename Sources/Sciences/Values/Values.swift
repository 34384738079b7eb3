enum ValuesPlaceholder {}
