import Values

/// SplitMix64 and random JSON made with it.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func text() -> String {
        let letters = Array("ab\"\\\n\u{1}\u{7f}é漢😀\u{2028} /")
        return String((0..<Int.random(in: 0...9, using: &self)).map { _ in letters.randomElement(using: &self)! })
    }

    mutating func value(depth: Int) -> JSONValue {
        switch Int.random(in: 0...(depth > 0 ? 8 : 5), using: &self) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &self))
        case 2: return .integer(Int64(bitPattern: next() >> UInt64.random(in: 0...63, using: &self)))
        case 3:
            let value = Double(bitPattern: next())
            return .number(value.isFinite ? value : 0.5)
        case 4, 5: return .string(text())
        case 6: return .array((0..<Int.random(in: 0...5, using: &self)).map { _ in value(depth: depth - 1) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...14, using: &self) { object[text()] = value(depth: depth - 1) }
            return .object(object)
        }
    }
}
