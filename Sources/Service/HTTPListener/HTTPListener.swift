enum HTTPListenerPlaceholder {}
