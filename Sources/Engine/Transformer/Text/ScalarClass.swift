/// What the splitting patterns of tokenizers ask about a scalar: `\p{L}`, `\p{N}`, `\s`, or none of them.
enum ScalarClass: UInt8, Sendable {
    case letter, number, space, other

    /// Oniguruma's reading: general categories L*, N*, and the property White_Space.
    init(computing value: UInt32) {
        guard let scalar = Unicode.Scalar(value) else {
            self = .other
            return
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
        case .decimalNumber, .letterNumber, .otherNumber: self = .number
        default: self = scalar.properties.isWhitespace ? .space : .other
        }
    }

    /// Classes of the basic multilingual plane, computed once.
    private static let table: [ScalarClass] = (0..<0x10000).map { ScalarClass(computing: $0) }

    @inline(__always)
    static func of(_ value: UInt32) -> ScalarClass {
        value < 0x10000 ? table[Int(value)] : ScalarClass(computing: value)
    }
}
