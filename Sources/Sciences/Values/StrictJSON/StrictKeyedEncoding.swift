/// Writes the members of an object.
struct StrictKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: StrictEncoder.Node
    let codingPath: [any CodingKey]

    func encodeNil(forKey key: Key) throws {
        node.member(key.stringValue).content = .value(.null)
    }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try StrictEncoder.encode(
            value, into: node.member(key.stringValue), path: codingPath + [PathKey(key.stringValue)])
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        child(key.stringValue).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        child(key.stringValue).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { child("super") }

    func superEncoder(forKey key: Key) -> any Encoder { child(key.stringValue) }

    private func child(_ name: String) -> StrictEncoder {
        StrictEncoder(node: node.member(name), path: codingPath + [PathKey(name)])
    }
}
