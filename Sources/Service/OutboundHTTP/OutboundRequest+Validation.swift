extension OutboundRequest {
    /// Why this request cannot be sent, or nil. Everything that could change its framing is refused here.
    var refusal: String? {
        if method.isEmpty || !method.utf8.allSatisfy(Self.isTokenByte) { return "'\(method)' is no HTTP method" }
        let lowered = url.prefix(8).lowercased()
        guard lowered.hasPrefix("http://") || lowered.hasPrefix("https://") else {
            return "its URL starts with neither http:// nor https://"
        }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
            return "its URL holds a space or a control character"
        }
        if let path = unixSocketPath, path.utf8.count > 107 || path.isEmpty || path.utf8.contains(0) {
            return "the Unix socket's path '\(path)' must have 1 to 107 bytes"
        }
        for field in headers {
            if field.name.isEmpty || !field.name.utf8.allSatisfy(Self.isTokenByte) {
                return "'\(field.name)' is no header name"
            }
            guard field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
                return "the header \(field.name) holds a control character"
            }
        }
        return nil
    }

    /// RFC 9110, 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
