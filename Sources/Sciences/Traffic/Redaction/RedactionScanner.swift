/// Finds personal data in a folded text.
struct RedactionScanner {
    /// A range of bytes of the folded text.
    struct Finding {
        var kind: RedactionKind
        var range: Range<Int>
    }

    let bytes: [UInt8]
    private let folded: FoldedText
    /// First byte that may be replaced; what is before it is only context.
    private let start: Int
    private var found: [Finding] = []

    /// `scalar` is the index of the first scalar that may be replaced.
    init(_ folded: FoldedText, from scalar: Int) {
        self.folded = folded
        bytes = folded.bytes
        start = folded.byteIndex(ofScalar: scalar)
    }

    /// What was found, in order and disjoint, as ranges of scalars.
    mutating func findings() -> [(kind: RedactionKind, range: Range<Int>)] {
        findAddresses()
        let addresses = found.sorted { $0.range.lowerBound < $1.range.lowerBound }
        found = []
        var disjoint: [Finding] = []
        for finding in addresses where finding.range.lowerBound >= (disjoint.last?.range.upperBound ?? 0) {
            disjoint.append(finding)
        }
        findNumbers(between: disjoint)
        let all = (disjoint + found).sorted { $0.range.lowerBound < $1.range.lowerBound }
        return all.filter { $0.range.lowerBound >= start }.map { ($0.kind, folded.scalars($0.range)) }
    }

    /// E-mail and IPv6 addresses.
    private mutating func findAddresses() {
        var checked = 0
        for index in start..<max(start, bytes.count) {
            switch bytes[index] {
            case UInt8(ascii: "@"):
                if let range = EmailAddress.range(around: index, in: bytes) {
                    found.append(Finding(kind: .email, range: range))
                }
            case UInt8(ascii: "%") where bytes[index...].starts(with: "%40".utf8):
                if let range = EmailAddress.range(around: index, length: 3, in: bytes) {
                    found.append(Finding(kind: .email, range: range))
                }
            case UInt8(ascii: ":") where index >= checked:
                let (range, end) = InternetAddress.version6(around: index, in: bytes)
                if let range { found.append(Finding(kind: .ip, range: range)) }
                checked = max(end, index + 1)
            default: break
            }
        }
    }

    /// Everything that is made of digits, outside of the addresses.
    private mutating func findNumbers(between addresses: [Finding]) {
        var cluster = DigitCluster()
        var next = 0
        var index = start
        while index < bytes.count {
            guard bytes[index] &- UInt8(ascii: "0") < 10 else {
                index += 1
                continue
            }
            while next < addresses.count, addresses[next].range.upperBound <= index { next += 1 }
            let end = next < addresses.count ? addresses[next].range.lowerBound : bytes.count
            if index >= end {
                index = addresses[next].range.upperBound
                continue
            }
            if let range = BankAccount.range(atDigit: index, in: bytes), range.lowerBound >= start {
                found.append(Finding(kind: .iban, range: range))
                index = range.upperBound
                continue
            }
            if let range = InternetAddress.version4(at: index, in: bytes) {
                found.append(Finding(kind: .ip, range: range))
                index = range.upperBound
                continue
            }
            index = cluster.read(bytes, from: index, to: end)
            // No kind has fewer digits.
            if cluster.digitCount >= 7 { found.append(contentsOf: cluster.findings(in: bytes)) }
        }
    }
}

extension UInt8 {
    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
    /// An ASCII letter.
    var isLetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }
    /// An ASCII letter or digit, or a letter with an accent.
    var isWord: Bool { isDigit || isLetter || self == FoldedText.letter }
}
