/// The elements of an array, in turn.
struct StrictUnkeyedDecoding: UnkeyedDecodingContainer {
    let decoder: StrictDecoder
    let elements: [JSONValue]
    private(set) var currentIndex = 0

    init(decoder: StrictDecoder, elements: [JSONValue]) {
        self.decoder = decoder
        self.elements = elements
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() throws -> Bool {
        guard try current() == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try StrictDecoder.decode(
            type, from: current(), path: codingPath + [PathKey(currentIndex)], strict: decoder.strict)
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder {
        try next()
    }

    private mutating func next() throws -> StrictDecoder {
        let child = decoder.child(try current(), PathKey(currentIndex))
        currentIndex += 1
        return child
    }

    private func current() throws -> JSONValue {
        guard !isAtEnd else {
            throw StrictJSONError(
                path: codingPath, kind: .missing, reason: "has \(elements.count) elements, but needs more")
        }
        return elements[currentIndex]
    }
}
