/// The members of an object, by the keys of a type.
struct StrictKeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: StrictDecoder

    var codingPath: [any CodingKey] { decoder.codingPath }

    /// Asking for all keys counts as asking for each that the type knows.
    var allKeys: [Key] {
        guard case .object(let object) = decoder.value else { return [] }
        return object.members.compactMap { member in
            let key = Key(stringValue: member.name)
            if key != nil { _ = decoder.ask(member.name) }
            return key
        }
    }

    func contains(_ key: Key) -> Bool {
        decoder.ask(key.stringValue) != nil
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        try member(key) == .null
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try StrictDecoder.decode(
            type, from: member(key), path: codingPath + [PathKey(key.stringValue)], strict: decoder.strict)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try decoder.child(member(key), PathKey(key.stringValue)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder.child(member(key), PathKey(key.stringValue)).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        decoder.child(decoder.ask("super") ?? .null, PathKey("super"))
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        decoder.child(decoder.ask(key.stringValue) ?? .null, PathKey(key.stringValue))
    }

    private func member(_ key: Key) throws -> JSONValue {
        guard let value = decoder.ask(key.stringValue) else {
            throw StrictJSONError(
                path: codingPath + [PathKey(key.stringValue)], kind: .missing, reason: "is missing")
        }
        return value
    }
}
