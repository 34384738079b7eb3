/// Which addresses a request may contact. It is asked about the numeric address that is about to be contacted, after
/// names are resolved, so that no spelling of a URL and no answer of a name server gets around it.
package enum AddressPolicy: Hashable, Sendable {
    case any
    case loopbackOnly
    /// The open internet, and the ranges named.
    case publicOnly(allowing: [AddressRange] = [])

    package func allows(_ address: NetworkAddress) -> Bool {
        switch self {
        case .any: return true
        case .loopbackOnly: return address.isLoopback
        case .publicOnly(let ranges):
            if address.isPublic { return true }
            return ranges.contains { range in
                range.contains(address) || address.embeddedIPv4.map(range.contains) ?? false
            }
        }
    }
}
