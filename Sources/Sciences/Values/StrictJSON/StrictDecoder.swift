/// The decoder of one value. It is a reference, since it remembers which members were asked for.
final class StrictDecoder: Decoder {
    let value: JSONValue
    let codingPath: [any CodingKey]
    let strict: Bool
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    /// Names of the object's members that the type asked for.
    private var asked: Set<String> = []
    private var isKeyed = false
    /// Decoders of nested containers and of super, whose members are checked when this one's are.
    private var children: [StrictDecoder] = []
    /// Members by name, made for objects that are too long to search again and again.
    private lazy var index: [String: JSONValue] = {
        guard case .object(let object) = value else { return [:] }
        return Dictionary(object.members.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }()

    init(value: JSONValue, path: [any CodingKey], strict: Bool) {
        self.value = value
        codingPath = path
        self.strict = strict
    }

    static func decode<T: Decodable>(
        _ type: T.Type, from value: JSONValue, path: [any CodingKey], strict: Bool
    ) throws -> T {
        if type == JSONValue.self, let value = value as? T { return value }
        let decoder = StrictDecoder(value: value, path: path, strict: strict)
        let result: T
        do {
            result = try T(from: decoder)
        } catch DecodingError.dataCorrupted(let context) where type is any RawRepresentable.Type {
            guard let choices = type as? any (CaseIterable & RawRepresentable).Type else {
                throw DecodingError.dataCorrupted(context)
            }
            throw StrictJSONError(
                path: path, kind: .invalid, reason: "is \(value.text), but must be one of \(Self.names(of: choices))")
        }
        try decoder.checkMembers()
        return result
    }

    private static func names<T: CaseIterable & RawRepresentable>(of type: T.Type) -> String {
        type.allCases.map { "\($0.rawValue)" }.joined(separator: ", ")
    }

    /// Refuses members that nobody asked for.
    func checkMembers() throws {
        for child in children { try child.checkMembers() }
        guard strict, isKeyed, case .object(let object) = value else { return }
        for member in object.members where !asked.contains(member.name) {
            throw StrictJSONError(
                path: codingPath + [PathKey(member.name)], kind: .unknownField, reason: "is not known here")
        }
    }

    func ask(_ name: String) -> JSONValue? {
        guard case .object(let object) = value else { return nil }
        asked.insert(name)
        return object.members.count > 16 ? index[name] : object[name]
    }

    func child(_ value: JSONValue, _ key: any CodingKey) -> StrictDecoder {
        let decoder = StrictDecoder(value: value, path: codingPath + [key], strict: strict)
        children.append(decoder)
        return decoder
    }

    func mismatch(_ expected: String) -> StrictJSONError {
        StrictJSONError(path: codingPath, kind: .wrongType, reason: "must be \(expected), but is \(value.kindName)")
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object = value else { throw mismatch("an object") }
        isKeyed = true
        return KeyedDecodingContainer(StrictKeyedDecoding<Key>(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch("an array") }
        return StrictUnkeyedDecoding(decoder: self, elements: elements)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        StrictSingleDecoding(decoder: self)
    }
}
