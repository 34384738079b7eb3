import Values

extension KeyedDecodingContainer {
    /// Reads a key over its default.
    func read<Value: Decodable>(_ value: inout Value, _ key: Key) throws {
        if let read = try decodeIfPresent(Value.self, forKey: key) { value = read }
    }

    /// Reads one of a few words over its default.
    func read<Word>(_ value: inout Word, _ key: Key) throws
    where Word: RawRepresentable & CaseIterable & Decodable, Word.RawValue == String {
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "'\(text)' is not one of \(words)")
        }
        value = word
    }

    /// Reads a duration such as `30m`, `6h` or `1d` over its default.
    func readDuration(_ value: inout Duration, _ key: Key) throws {
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return }
        guard let read = DurationText.parse(text) else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self,
                debugDescription: "'\(text)' is not a duration; write a number and a unit, for example 30m, 6h or 1d")
        }
        value = read
    }

    /// Reads a share such as `5%` or `0.05` over its default.
    func readShare(_ value: inout Double, _ key: Key) throws {
        guard let share = try decodeIfPresent(Share.self, forKey: key) else { return }
        value = share.value
    }

    /// Reads a budget where the key is there.
    func readBudget(_ value: inout ErrorBudget, _ key: Key) throws {
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return }
        guard let budget = ErrorBudget(text) else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self,
                debugDescription: "'\(text)' is not a number in a time; write it as 1 per 30d")
        }
        value = budget
    }
}

/// A share of one, written `5%` or `0.05`.
struct Share: Decodable {
    var value: Double

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            value = number
            return
        }
        let text = try container.decode(String.self)
        guard text.hasSuffix("%"), let percent = Double(text.dropLast()) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is not a share; write it as 5% or 0.05")
        }
        value = percent / 100
    }
}
