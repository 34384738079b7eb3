import Testing

@Suite struct PlaceholderOutboundHTTP {}
