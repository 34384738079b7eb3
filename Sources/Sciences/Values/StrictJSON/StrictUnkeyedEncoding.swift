/// Writes the elements of an array.
struct StrictUnkeyedEncoding: UnkeyedEncodingContainer {
    let node: StrictEncoder.Node
    let codingPath: [any CodingKey]

    var count: Int {
        if case .array(let nodes) = node.content { nodes.count } else { 0 }
    }

    func encodeNil() throws {
        node.append().content = .value(.null)
    }

    func encode<T: Encodable>(_ value: T) throws {
        let path = codingPath + [PathKey(count)]
        try StrictEncoder.encode(value, into: node.append(), path: path)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        child().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { child().unkeyedContainer() }

    func superEncoder() -> any Encoder { child() }

    private func child() -> StrictEncoder {
        let path = codingPath + [PathKey(count)]
        return StrictEncoder(node: node.append(), path: path)
    }
}
