/// Writes a value that is no container.
struct StrictSingleEncoding: SingleValueEncodingContainer {
    let node: StrictEncoder.Node
    let codingPath: [any CodingKey]

    func encodeNil() throws { node.content = .value(.null) }
    func encode(_ value: Bool) throws { node.content = .value(.bool(value)) }
    func encode(_ value: String) throws { node.content = .value(.string(value)) }

    func encode(_ value: Double) throws {
        guard value.isFinite else {
            throw StrictJSONError(path: codingPath, kind: .invalid, reason: "is \(value), which JSON cannot hold")
        }
        if value.magnitude <= 9_007_199_254_740_992, value.rounded() == value, !(value == 0 && value.sign == .minus) {
            node.content = .value(.integer(Int64(value)))
        } else {
            node.content = .value(.number(value))
        }
    }

    /// The shortest digits that give the same float again.
    func encode(_ value: Float) throws {
        try encode(Double(value.description) ?? Double(value))
    }

    func encode(_ value: Int) throws { try encode(integer: value) }
    func encode(_ value: Int8) throws { try encode(integer: value) }
    func encode(_ value: Int16) throws { try encode(integer: value) }
    func encode(_ value: Int32) throws { try encode(integer: value) }
    func encode(_ value: Int64) throws { try encode(integer: value) }
    func encode(_ value: UInt) throws { try encode(integer: value) }
    func encode(_ value: UInt8) throws { try encode(integer: value) }
    func encode(_ value: UInt16) throws { try encode(integer: value) }
    func encode(_ value: UInt32) throws { try encode(integer: value) }
    func encode(_ value: UInt64) throws { try encode(integer: value) }

    func encode<T: Encodable>(_ value: T) throws {
        try StrictEncoder.encode(value, into: node, path: codingPath)
    }

    private func encode(integer value: some FixedWidthInteger) throws {
        guard let value = Int64(exactly: value) else {
            throw StrictJSONError(
                path: codingPath, kind: .invalid, reason: "is \(value), but must be at most \(Int64.max)")
        }
        node.content = .value(.integer(value))
    }
}
