/// A numeric IP address, and what it reaches.
package struct NetworkAddress: Hashable, Sendable {
    /// In network order: 4 bytes (IPv4) or 16 (IPv6).
    package let bytes: [UInt8]

    /// `bytes` has 4 or 16 elements, else nil.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// The IPv4 address that this is, or that an IPv6 address leads to: mapped `::ffff:0:0/96`, compatible `::/96`
    /// (without `::` and `::1`), translated `64:ff9b::/96`.
    package var embeddedIPv4: NetworkAddress? {
        if bytes.count == 4 { return self }
        let tail = Array(bytes[12...])
        if AddressRange.mapped.contains(self) || AddressRange.translated.contains(self) {
            return NetworkAddress(bytes: tail)
        }
        if bytes[..<12].allSatisfy({ $0 == 0 }), tail[0] != 0 || tail[1] != 0 {
            return NetworkAddress(bytes: tail)
        }
        return nil
    }

    package var isLoopback: Bool {
        if let embedded = embeddedIPv4 { return embedded.bytes[0] == 127 }
        return bytes == [UInt8](repeating: 0, count: 15) + [1]
    }

    /// Whether the address is one of the open internet: in no special-purpose block of IANA's registries (RFC 6890 and
    /// its successors), no multicast, no reserved range.
    package var isPublic: Bool {
        if let embedded = embeddedIPv4 {
            return !AddressRange.specialIPv4.contains { $0.contains(embedded) }
        }
        return AddressRange.globalUnicast.contains(self)
            && !AddressRange.specialIPv6.contains { $0.contains(self) }
    }
}

extension NetworkAddress: CustomStringConvertible {
    package var description: String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        if AddressRange.mapped.contains(self) {
            return "::ffff:" + bytes[12...].map { String($0) }.joined(separator: ".")
        }
        let groups = stride(from: 0, to: 16, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
        var best = 0..<0
        var index = 0
        while index < 8 {
            let start = index
            while index < 8, groups[index] == 0 { index += 1 }
            if index - start > max(best.count, 1) { best = start..<index }
            index += 1
        }
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        return best.isEmpty ? text(0..<8) : text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
    }
}
