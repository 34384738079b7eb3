/// A recursive-descent reader of RFC 8259, stricter than most: names are unique in their object (RFC 8259 leaves open
/// which of two counts, and readers differ), strings are well-formed Unicode, numbers are finite doubles or 64-bit
/// integers, and nesting is bounded before the stack is.
struct JSONParser {
    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var index = 0
    private var depth = 0
    /// Where each member's value of the outermost object stands in the text; only kept when asked for.
    private(set) var outermostRanges: [(name: String, range: Range<Int>)] = []
    private let keepsRanges: Bool

    init(_ bytes: [UInt8], limits: JSONLimits, keepsRanges: Bool = false) {
        self.bytes = bytes
        self.limits = limits
        self.keepsRanges = keepsRanges
    }

    mutating func document() throws(JSONSyntaxError) -> JSONValue {
        skipSpace()
        let value = try value()
        skipSpace()
        guard index == bytes.count else { throw error("something follows the value") }
        return value
    }

    private func error(_ reason: String, at offset: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(offset: offset ?? index, reason: reason)
    }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }

    private mutating func value() throws(JSONSyntaxError) -> JSONValue {
        guard index < bytes.count else { throw error("the text ends where a value is expected") }
        switch bytes[index] {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw error("no value starts with this byte")
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        let expected = Array(word.description.utf8)
        guard bytes[index...].starts(with: expected) else { throw error("expected \(word)") }
        index += expected.count
        return value
    }

    private mutating func enter() throws(JSONSyntaxError) {
        depth += 1
        guard depth <= limits.maximumDepth else {
            throw error("arrays and objects are nested deeper than \(limits.maximumDepth)")
        }
        index += 1
        skipSpace()
    }

    private mutating func array() throws(JSONSyntaxError) -> [JSONValue] {
        try enter()
        var elements: [JSONValue] = []
        if index < bytes.count, bytes[index] == UInt8(ascii: "]") {
            index += 1
            depth -= 1
            return elements
        }
        while true {
            elements.append(try value())
            skipSpace()
            guard index < bytes.count else { throw error("the text ends inside an array") }
            switch bytes[index] {
            case UInt8(ascii: ","):
                index += 1
                skipSpace()
            case UInt8(ascii: "]"):
                index += 1
                depth -= 1
                return elements
            default: throw error("expected , or ] after an array's element")
            }
        }
    }

    private mutating func object() throws(JSONSyntaxError) -> JSONObject {
        try enter()
        var members: [JSONObject.Member] = []
        var names = NameSet()
        if index < bytes.count, bytes[index] == UInt8(ascii: "}") {
            index += 1
            depth -= 1
            return JSONObject(members)
        }
        while true {
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
                throw error("expected a member's name in quotation marks")
            }
            let start = index
            let name = try string()
            guard names.insert(name, after: members) else {
                throw error("the name \"\(name)\" stands twice in one object", at: start)
            }
            skipSpace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else {
                throw error("expected : after a member's name")
            }
            index += 1
            skipSpace()
            let valueStart = index
            members.append(.init(name: name, value: try value()))
            if keepsRanges, depth == 1 { outermostRanges.append((name, valueStart..<index)) }
            skipSpace()
            guard index < bytes.count else { throw error("the text ends inside an object") }
            switch bytes[index] {
            case UInt8(ascii: ","):
                index += 1
                skipSpace()
            case UInt8(ascii: "}"):
                index += 1
                depth -= 1
                return JSONObject(members)
            default: throw error("expected , or } after a member")
            }
        }
    }
}

// MARK: Strings

extension JSONParser {
    /// Reads the string whose opening quotation mark is at `index`.
    private mutating func string() throws(JSONSyntaxError) -> String {
        index += 1
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                guard let text = String(validating: bytes[start..<index], as: UTF8.self) else {
                    throw error("the string is not UTF-8", at: start)
                }
                index += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            guard byte >= 0x20 else { throw error("a control character must be escaped in a string") }
            index += 1
        }
        throw error("the text ends inside a string")
    }

    /// Goes on from the first backslash of the string that starts at `start`.
    private mutating func escapedString(from start: Int) throws(JSONSyntaxError) -> String {
        var text = Array(bytes[start..<index])
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: text, as: UTF8.self) else {
                    throw error("the string is not UTF-8", at: start)
                }
                index += 1
                return text
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw error("a control character must be escaped in a string")
            default:
                text.append(byte)
                index += 1
            }
        }
        throw error("the text ends inside a string")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONSyntaxError) {
        guard index + 1 < bytes.count else { throw error("the text ends inside a string") }
        let letter = bytes[index + 1]
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            text.append(contentsOf: String(Character(try unicodeEscape())).utf8)
            return
        default: throw error("\\ is followed by no known escape")
        }
        index += 2
    }

    /// Reads `\uXXXX`, or two of them that are a surrogate pair.
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = index
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u")
        else { throw error("a surrogate stands alone", at: start) }
        let second = try codeUnit()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
        else { throw error("a surrogate stands alone", at: start) }
        return scalar
    }

    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt16 {
        guard index + 6 <= bytes.count else { throw error("\\u needs four hexadecimal digits") }
        var unit: UInt16 = 0
        for byte in bytes[index + 2..<index + 6] {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw error("\\u needs four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
        }
        index += 6
        return unit
    }
}

// MARK: Numbers

extension JSONParser {
    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = index
        let negative = bytes[index] == UInt8(ascii: "-")
        if negative { index += 1 }
        var digits = Digits()
        guard let first = digit() else { throw error("expected a digit after -") }
        if first == 0 {
            index += 1
            guard digit() == nil else { throw error("a number has no leading zeros") }
        } else {
            while let next = digit() {
                digits.append(next)
                index += 1
            }
        }
        if index == bytes.count || !Self.continuesNumber(bytes[index]) {
            return try integer(digits, negative: negative, start: start)
        }
        var exponent = 0
        if bytes[index] == UInt8(ascii: ".") {
            index += 1
            guard digit() != nil else { throw error("expected a digit after the decimal point") }
            while let next = digit() {
                digits.append(next)
                exponent -= 1
                index += 1
            }
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") { exponent += try self.exponent() }
        if digits.isExact, digits.value <= 1 << 53, (-22...22).contains(exponent) {
            // Both operands are exact doubles, so that the one rounding of the operation is the right one (Clinger).
            let power = Self.powersOfTen[abs(exponent)]
            let magnitude = exponent < 0 ? Double(digits.value) / power : Double(digits.value) * power
            return .number(negative ? -magnitude : magnitude)
        }
        return .number(try double(from: start))
    }

    private func integer(_ digits: Digits, negative: Bool, start: Int) throws(JSONSyntaxError) -> JSONValue {
        guard digits.isExact, digits.value <= UInt64(Int64.max) else {
            // -2^63 is the one integer whose magnitude does not fit.
            if negative, digits.isExact, digits.value == 1 << 63 { return .integer(.min) }
            return .number(try double(from: start))
        }
        if negative, digits.value == 0 { return .number(-0.0) }
        return .integer(negative ? -Int64(digits.value) : Int64(digits.value))
    }

    private func double(from start: Int) throws(JSONSyntaxError) -> Double {
        guard let value = Double(String(decoding: bytes[start..<index], as: UTF8.self)), value.isFinite else {
            throw error("the number is too large for a double", at: start)
        }
        return value
    }

    private func digit() -> UInt8? {
        guard index < bytes.count else { return nil }
        let digit = bytes[index] &- UInt8(ascii: "0")
        return digit < 10 ? digit : nil
    }

    private mutating func exponent() throws(JSONSyntaxError) -> Int {
        index += 1
        var negative = false
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
            negative = bytes[index] == UInt8(ascii: "-")
            index += 1
        }
        guard digit() != nil else { throw error("expected a digit in the exponent") }
        var exponent = 0
        while let next = digit() {
            // Far outside the range of doubles it no longer matters which value it has.
            if exponent < 100_000 { exponent = exponent * 10 + Int(next) }
            index += 1
        }
        return negative ? -exponent : exponent
    }

    private static func continuesNumber(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// The digits of a number as an integer, and whether they fitted.
    private struct Digits {
        var value: UInt64 = 0
        var isExact = true

        mutating func append(_ digit: UInt8) {
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = product.addingReportingOverflow(UInt64(digit))
            if tooLarge || overflows { isExact = false }
            value = sum
        }
    }
}

// MARK: Names

/// The names met in one object, compared as UTF-8: Swift's own equality of strings would call a composed and a
/// decomposed letter the same name. A short object is searched, a long one (a vocabulary) hashed.
private struct NameSet {
    private struct Name: Hashable {
        let text: String

        static func == (left: Name, right: Name) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    private var names: Set<Name> = []
    private static let searched = 12

    /// False when the name is there already; `members` are the ones before it.
    mutating func insert(_ name: String, after members: [JSONObject.Member]) -> Bool {
        if members.count < Self.searched {
            for member in members where member.name.utf8.elementsEqual(name.utf8) { return false }
            return true
        }
        if names.isEmpty {
            for member in members { names.insert(Name(text: member.name)) }
        }
        return names.insert(Name(text: name)).inserted
    }
}
