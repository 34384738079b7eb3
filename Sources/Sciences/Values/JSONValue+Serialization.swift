extension JSONValue {
    /// Compact JSON with the members in their order; reading it again gives the same value.
    /// A number that is not finite, which no text can hold, is written as null.
    package var serialized: [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }

    /// The canonical form of RFC 8785: members ordered by their names' UTF-16 code units, numbers as ECMAScript prints
    /// them (integers beyond 2^53 as the nearest double, since the form knows no others), no space.
    package var canonical: [UInt8] {
        var output: [UInt8] = []
        writeCanonical(to: &output)
        return output
    }

    /// `serialized` as a string.
    package var text: String { String(decoding: serialized, as: UTF8.self) }

    private func write(to output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): output.append(contentsOf: String(value).utf8)
        case .number(let value): output.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
        case .string(let value): Self.write(value, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.write(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                Self.write(member.name, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.write(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private func writeCanonical(to output: inout [UInt8]) {
        switch self {
        case .null, .bool, .string: write(to: &output)
        case .integer(let value):
            if value.magnitude <= 1 << 53 {
                output.append(contentsOf: String(value).utf8)
            } else {
                output.append(contentsOf: Self.scriptText(of: Double(value)).utf8)
            }
        case .number(let value):
            output.append(contentsOf: (value.isFinite ? Self.scriptText(of: value) : "null").utf8)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.writeCanonical(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            let ordered = object.members.sorted { $0.name.utf16.lexicographicallyPrecedes($1.name.utf16) }
            for (index, member) in ordered.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                Self.write(member.name, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.writeCanonical(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// Escapes what RFC 8785 escapes (quotation mark, reverse solidus, control characters) and nothing else.
    private static func write(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0x20...: output.append(byte)
            case 0x08: output.append(contentsOf: "\\b".utf8)
            case 0x09: output.append(contentsOf: "\\t".utf8)
            case 0x0A: output.append(contentsOf: "\\n".utf8)
            case 0x0C: output.append(contentsOf: "\\f".utf8)
            case 0x0D: output.append(contentsOf: "\\r".utf8)
            default:
                let digits = Array("0123456789abcdef".utf8)
                output.append(contentsOf: "\\u00".utf8)
                output.append(digits[Int(byte >> 4)])
                output.append(digits[Int(byte & 15)])
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// `Number::toString` of ECMA-262 for base 10. Swift's description has the same shortest digits, differently set.
    private static func scriptText(of value: Double) -> String {
        if value == 0 { return "0" }
        // description is [-]d[.d…][e±x]: its digits, and the exponent of the first of them.
        var digits: [UInt8] = []
        var exponent = 0
        var point: Int?
        var text = value.magnitude.description.utf8[...]
        if let mark = text.firstIndex(of: UInt8(ascii: "e")) {
            exponent = Int(String(decoding: Array(text[text.index(after: mark)...]), as: UTF8.self)) ?? 0
            text = text[..<mark]
        }
        for byte in text {
            if byte == UInt8(ascii: ".") { point = digits.count } else { digits.append(byte) }
        }
        // The value is 0.digits × 10^place.
        var place = (point ?? digits.count) + exponent
        let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(leading)
        place -= leading
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        let count = digits.count
        func string(_ digits: some Sequence<UInt8>) -> String { String(decoding: Array(digits), as: UTF8.self) }
        let body: String
        if count <= place, place <= 21 {
            body = string(digits) + String(repeating: "0", count: place - count)
        } else if 0 < place, place <= 21 {
            body = string(digits[..<place]) + "." + string(digits[place...])
        } else if -6 < place, place <= 0 {
            body = "0." + String(repeating: "0", count: -place) + string(digits)
        } else {
            let power = place - 1
            let fraction = count == 1 ? "" : "." + string(digits[1...])
            body = string(digits[..<1]) + fraction + "e" + (power < 0 ? "-" : "+") + String(abs(power))
        }
        return value < 0 ? "-" + body : body
    }
}
