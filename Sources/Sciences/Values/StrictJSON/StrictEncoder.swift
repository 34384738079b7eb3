/// The encoder of one value: what is written goes into a node, which becomes a `JSONValue` at the end.
final class StrictEncoder: Encoder {
    let node: Node
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// A value that is still being written.
    final class Node {
        enum Content {
            case value(JSONValue)
            case array([Node])
            /// Members in the order of encoding.
            case object([(name: String, node: Node)])
        }

        var content: Content?

        /// What was written; nothing written is an empty object, as a type without properties writes it.
        var value: JSONValue {
            switch content {
            case .value(let value): value
            case .array(let nodes): .array(nodes.map(\.value))
            case .object(let members):
                .object(JSONObject(members.map { JSONObject.Member(name: $0.name, value: $0.node.value) }))
            case nil: .object(JSONObject())
            }
        }

        func append() -> Node {
            let node = Node()
            guard case .array(var nodes) = content else {
                content = .array([node])
                return node
            }
            content = nil
            nodes.append(node)
            content = .array(nodes)
            return node
        }

        func member(_ name: String) -> Node {
            let node = Node()
            guard case .object(var members) = content else {
                content = .object([(name, node)])
                return node
            }
            content = nil
            if let index = members.firstIndex(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
                members[index].node = node
            } else {
                members.append((name, node))
            }
            content = .object(members)
            return node
        }
    }

    init(node: Node = Node(), path: [any CodingKey]) {
        self.node = node
        codingPath = path
    }

    static func encode<T: Encodable>(_ value: T, path: [any CodingKey]) throws -> JSONValue {
        let node = Node()
        try encode(value, into: node, path: path)
        return node.value
    }

    static func encode<T: Encodable>(_ value: T, into node: Node, path: [any CodingKey]) throws {
        if let value = value as? JSONValue {
            node.content = .value(value)
            return
        }
        try value.encode(to: StrictEncoder(node: node, path: path))
        // The order of a dictionary differs from run to run.
        if value is any NamedValues, case .object(let members) = node.content {
            node.content = .object(members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if node.content == nil { node.content = .object([]) }
        return KeyedEncodingContainer(StrictKeyedEncoding<Key>(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if node.content == nil { node.content = .array([]) }
        return StrictUnkeyedEncoding(node: node, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        StrictSingleEncoding(node: node, codingPath: codingPath)
    }
}

private protocol NamedValues {}
extension Dictionary: NamedValues where Key == String {}
