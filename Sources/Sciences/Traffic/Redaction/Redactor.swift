package import Values

/// Replaces personal data of a fixed form: e-mail addresses, telephone numbers, payment cards, IBANs, IP addresses,
/// US social security numbers and Japanese My Numbers. Names and postal addresses have no form and are not found.
///
/// 1. The text is folded (`FoldedText`): full-width and other decimal digits become ASCII, zero-width characters
///    vanish, kinds of spaces and dashes become one.
/// 2. E-mail addresses are found around each `@`, IPv6 addresses around colons.
/// 3. Every cluster of digit groups is read once (`DigitCluster`); what a checksum proves comes first (IBAN by mod 97,
///    card by Luhn's digit and its issuer's prefix, My Number by its check digit), then what its form proves (IPv4,
///    social security number), at last telephone numbers: `+` and the forms that countries write. Forms that order
///    numbers have too count only after a word such as "call", and not after a word such as "order".
/// 4. What was found is replaced; the ranges of the placeholders are kept, since they are never scored in training.
///
/// Cost is linear in the text, apart from short look-backs of bounded length.
package struct Redactor: Sendable {
    package init() {}

    /// Redacts one text that stands for itself, with no words before it.
    package func redact(_ text: String) -> RedactedText {
        redact(text, after: "")
    }

    /// Redacts every string of a JSON value, and the names of its members. A member's name counts as the words before
    /// its value, so that `{"phone": "5551234567"}` and `{"phone": 5551234567}` are found; a number that is replaced
    /// becomes a string.
    package func redact(_ value: JSONValue, counting counts: inout [String: Int]) -> JSONValue {
        redact(value, name: "", counting: &counts)
    }

    private func redact(_ value: JSONValue, name: String, counting counts: inout [String: Int]) -> JSONValue {
        switch value {
        case .string(let text):
            // Pictures and sound are kept as they came; only text is read.
            if EmbeddedMedia.isAll(of: text) { return value }
            return .string(count(redact(text, after: name), in: &counts).text)
        case .integer(let number): return redact(number: number, as: value, name: name, counting: &counts)
        case .number(let number):
            // `4111111111111111.0` and `4.111111111111111e15` are whole numbers too.
            guard let whole = Int64(exactly: number) else { return value }
            return redact(number: whole, as: value, name: name, counting: &counts)
        case .array(let elements):
            return .array(elements.map { redact($0, name: name, counting: &counts) })
        case .object(let object):
            var result = JSONObject()
            for member in object.members {
                let name = count(redact(member.name, after: ""), in: &counts)
                var unique = name.text
                // Two names may become one; each keeps its member.
                var number = 2
                while !name.ranges.isEmpty, result[unique] != nil {
                    unique = "\(name.text) \(number)"
                    number += 1
                }
                result.members.append(
                    .init(name: unique, value: redact(member.value, name: member.name, counting: &counts)))
            }
            return .object(result)
        default: return value
        }
    }

    private func redact(
        number: Int64, as value: JSONValue, name: String, counting counts: inout [String: Int]
    ) -> JSONValue {
        guard number.magnitude >= 1_000_000 else { return value }
        let redacted = count(redact(String(number), after: name), in: &counts)
        return redacted.ranges.isEmpty ? value : .string(redacted.text)
    }

    private func count(_ redacted: RedactedText, in counts: inout [String: Int]) -> RedactedText {
        for (kind, number) in redacted.counts { counts[kind.rawValue, default: 0] += number }
        return redacted
    }

    /// Redacts `text` as it would be read after `words`, which are not part of the result.
    private func redact(_ text: String, after words: String) -> RedactedText {
        guard FoldedText.mayHoldPersonalData(text) else { return RedactedText(text: text) }
        let introduction = words.isEmpty ? "" : words.map { $0.isLetter ? String($0) : " " }.joined() + ": "
        let folded = FoldedText(introduction + text)
        var scanner = RedactionScanner(folded, from: introduction.unicodeScalars.count)
        let findings = scanner.findings()
        guard !findings.isEmpty else { return RedactedText(text: text) }
        let skipped = introduction.unicodeScalars.count
        return Self.replace(
            findings.map { ($0.kind, $0.range.lowerBound - skipped..<$0.range.upperBound - skipped) }, in: text)
    }

    /// `findings` are ordered, disjoint ranges of scalars of `text`.
    private static func replace(_ findings: [(kind: RedactionKind, range: Range<Int>)], in text: String) -> RedactedText
    {
        var result = RedactedText(text: "")
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count)
        // Scalars read, and scalars read less those written.
        var read = 0
        var shrinkage = 0
        var next = 0
        for byte in text.utf8 {
            // A scalar begins at each byte that does not continue one.
            if byte & 0xC0 != 0x80 {
                if next < findings.count, read == findings[next].range.upperBound { next += 1 }
                if next < findings.count, read == findings[next].range.lowerBound {
                    let finding = findings[next]
                    let placeholder = finding.kind.placeholder
                    let start = read - shrinkage
                    output.append(contentsOf: placeholder.utf8)
                    result.ranges.append(start..<start + placeholder.utf8.count)
                    result.counts[finding.kind, default: 0] += 1
                    shrinkage += finding.range.count - placeholder.utf8.count
                }
                read += 1
            }
            if next < findings.count, findings[next].range.contains(read - 1) { continue }
            output.append(byte)
        }
        result.text = String(decoding: output, as: UTF8.self)
        return result
    }
}
