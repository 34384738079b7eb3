/// A block of addresses, `10.0.0.0/8` or `fd00::/8`.
package struct AddressRange: Hashable, Sendable {
    package let base: NetworkAddress
    package let prefixLength: Int

    /// Nil when the prefix is longer than the address.
    package init?(base: NetworkAddress, prefixLength: Int) {
        guard (0...base.bytes.count * 8).contains(prefixLength) else { return nil }
        self.base = base
        self.prefixLength = prefixLength
    }

    package func contains(_ address: NetworkAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        let whole = prefixLength / 8
        guard address.bytes[..<whole] == base.bytes[..<whole] else { return false }
        let rest = prefixLength % 8
        return rest == 0 || (address.bytes[whole] ^ base.bytes[whole]) >> (8 - rest) == 0
    }
}

extension AddressRange: LosslessStringConvertible {
    /// Parses CIDR notation; an address alone is a block of one.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let base = NetworkAddress(String(parts[0])) else { return nil }
        if parts.count == 1 {
            self.init(base: base, prefixLength: base.bytes.count * 8)
        } else {
            guard let length = Int(parts[1]) else { return nil }
            self.init(base: base, prefixLength: length)
        }
    }

    package var description: String { "\(base)/\(prefixLength)" }
}

extension AddressRange {
    /// For the constants below: a misspelt one is our own bug.
    private static func known(_ text: String) -> AddressRange {
        guard let range = AddressRange(text) else { preconditionFailure("not an address range: \(text)") }
        return range
    }

    static let mapped = known("::ffff:0:0/96")
    static let translated = known("64:ff9b::/96")
    static let globalUnicast = known("2000::/3")

    /// IANA IPv4 special-purpose address registry, multicast and reserved.
    static let specialIPv4 = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    ].map(known)

    /// What of 2000::/3 the IPv6 registry sets apart: protocol assignments with Teredo, documentation, 6to4.
    static let specialIPv6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"].map(known)
}
