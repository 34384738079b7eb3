import Values

/// Makes JSON schemas from Codable types by letting each type decode itself: whatever it asks the decoder for is what
/// its schema has, so that the document cannot differ from what is read and written.
///
/// 1. A type's `init(from:)` runs on a decoder that answers every request with a value of the wanted kind.
/// 2. A field asked for by `decode` is required, one asked for by `decodeIfPresent` is not.
/// 3. Structures become components by name; scalars, arrays, dictionaries and choices stand in line.
final class SchemaBuilder {
    /// Schemas of the structures met so far, by name.
    private(set) var components: [String: JSONValue] = [:]

    func schema(of type: any Decodable.Type) -> JSONValue {
        sample(type).schema
    }

    /// The type's schema, and a value of it for the structure around to go on with.
    fileprivate func sample<T: Decodable>(_ type: T.Type) -> (schema: JSONValue, value: T?) {
        if type == JSONValue.self { return ([:], JSONValue.null as? T) }
        if type == Timestamp.self {
            return (["type": "string", "format": "date-time"], Timestamp(milliseconds: 0) as? T)
        }
        if let choices = type as? any (CaseIterable & RawRepresentable).Type {
            let (names, first) = Self.choices(choices)
            return (["type": "string", "enum": .array(names.map(JSONValue.string))], first as? T)
        }
        if let dictionary = type as? any StringKeyed.Type {
            return (
                ["type": "object", "additionalProperties": schema(of: dictionary.valueType)], dictionary.none as? T
            )
        }
        if let sequence = type as? any Listed.Type {
            return (["type": "array", "items": schema(of: sequence.elementType)], sequence.none as? T)
        }
        let decoder = SchemaDecoder(builder: self)
        let value = try? T(from: decoder)
        guard let properties = decoder.properties else { return (decoder.scalar ?? [:], value) }
        let name = String(describing: type)
        components[name] = [
            "type": "object", "properties": .object(properties), "additionalProperties": false,
            "required": .array(decoder.required.map(JSONValue.string)),
        ]
        return (["$ref": "#/components/schemas/\(name)"], value)
    }

    private static func choices<T: CaseIterable & RawRepresentable>(_ type: T.Type) -> ([String], Any?) {
        (type.allCases.map { "\($0.rawValue)" }, type.allCases.first)
    }
}

private protocol StringKeyed {
    static var valueType: any Decodable.Type { get }
    static var none: Any { get }
}

extension Dictionary: StringKeyed where Key == String, Value: Decodable {
    static var valueType: any Decodable.Type { Value.self }
    static var none: Any { Self() }
}

private protocol Listed {
    static var elementType: any Decodable.Type { get }
    static var none: Any { get }
}

extension Array: Listed where Element: Decodable {
    static var elementType: any Decodable.Type { Element.self }
    static var none: Any { Self() }
}

/// Answers a type's `init(from:)` and notes what it asks for.
private final class SchemaDecoder: Decoder {
    let builder: SchemaBuilder
    var properties: JSONObject?
    var required: [String] = []
    var scalar: JSONValue?
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(builder: SchemaBuilder) {
        self.builder = builder
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        if properties == nil { properties = JSONObject() }
        return KeyedDecodingContainer(SchemaFields<Key>(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Unsupported() }
    func singleValueContainer() -> any SingleValueDecodingContainer { SchemaScalar(decoder: self) }

    func note(_ name: String, _ schema: JSONValue, isRequired: Bool) {
        properties?[name] = schema
        if isRequired { required.append(name) }
    }
}

/// A type that decodes itself in a way that none of the wire objects does.
private struct Unsupported: Error {}

private struct SchemaFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: SchemaDecoder
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) throws -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        let (schema, value) = decoder.builder.sample(type)
        decoder.note(key.stringValue, schema, isRequired: true)
        guard let value else { throw Unsupported() }
        return value
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        decoder.note(key.stringValue, decoder.builder.sample(type).schema, isRequired: false)
        return nil
    }

    // The compiler calls these for the standard library's own types, not the generic one.
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { optional(type, key) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { optional(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { optional(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { optional(type, key) }

    private func optional<T: Decodable>(_ type: T.Type, _ key: Key) -> T? {
        decoder.note(key.stringValue, decoder.builder.sample(type).schema, isRequired: false)
        return nil
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw Unsupported() }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw Unsupported() }
    func superDecoder() throws -> any Decoder { throw Unsupported() }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw Unsupported() }
}

private struct SchemaScalar: SingleValueDecodingContainer {
    let decoder: SchemaDecoder
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { false }

    func decode(_ type: Bool.Type) throws -> Bool {
        decoder.scalar = ["type": "boolean"]
        return false
    }

    func decode(_ type: String.Type) throws -> String {
        decoder.scalar = ["type": "string"]
        return ""
    }

    func decode(_ type: Double.Type) throws -> Double {
        decoder.scalar = ["type": "number"]
        return 0
    }

    func decode(_ type: Int.Type) throws -> Int {
        decoder.scalar = ["type": "integer"]
        return 0
    }

    func decode(_ type: Float.Type) throws -> Float { throw Unsupported() }
    func decode(_ type: Int8.Type) throws -> Int8 { throw Unsupported() }
    func decode(_ type: Int16.Type) throws -> Int16 { throw Unsupported() }
    func decode(_ type: Int32.Type) throws -> Int32 { throw Unsupported() }
    func decode(_ type: Int64.Type) throws -> Int64 { throw Unsupported() }
    func decode(_ type: UInt.Type) throws -> UInt { throw Unsupported() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { throw Unsupported() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { throw Unsupported() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { throw Unsupported() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { throw Unsupported() }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        guard let value = decoder.builder.sample(type).value else { throw Unsupported() }
        return value
    }
}
