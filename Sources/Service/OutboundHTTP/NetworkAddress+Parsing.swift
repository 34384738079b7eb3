import Glibc

extension NetworkAddress: LosslessStringConvertible {
    /// Parses the canonical spellings only (`inet_pton`): dotted quads and IPv6 text, without zone or brackets.
    package init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        let family = text.utf8.contains(UInt8(ascii: ":")) ? AF_INET6 : AF_INET
        let parsed = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe inet_pton(family, text, buffer.baseAddress)
        }
        guard parsed == 1 else { return nil }
        self.init(bytes: family == AF_INET ? Array(bytes[..<4]) : bytes)
    }
}
