/// A value that is no container.
struct StrictSingleDecoding: SingleValueDecodingContainer {
    let decoder: StrictDecoder

    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool { decoder.value == .null }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .bool(let value) = decoder.value else { throw decoder.mismatch("true or false") }
        return value
    }

    func decode(_ type: String.Type) throws -> String {
        guard case .string(let value) = decoder.value else { throw decoder.mismatch("a string") }
        return value
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard let value = decoder.value.doubleValue else { throw decoder.mismatch("a number") }
        return value
    }

    func decode(_ type: Float.Type) throws -> Float {
        Float(try decode(Double.self))
    }

    func decode(_ type: Int.Type) throws -> Int { try integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try StrictDecoder.decode(type, from: decoder.value, path: codingPath, strict: decoder.strict)
    }

    /// An integer, or a number without a fraction (`3.0`, `1e3`), that fits the type.
    private func integer<T: FixedWidthInteger>() throws -> T {
        switch decoder.value {
        case .integer(let value):
            if let value = T(exactly: value) { return value }
        case .number(let value):
            if let value = T(exactly: value) { return value }
            if value.rounded() != value {
                throw StrictJSONError(path: codingPath, kind: .wrongType, reason: "must be an integer")
            }
        default: throw decoder.mismatch("an integer")
        }
        throw StrictJSONError(
            path: codingPath, kind: .invalid, reason: "must be an integer from \(T.min) to \(T.max)")
    }
}
