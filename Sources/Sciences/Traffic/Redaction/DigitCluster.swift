/// Groups of digits with short separators between them, as numbers are written, and what is found in them.
struct DigitCluster {
    /// Ranges of bytes, one a group.
    private(set) var groups: [Range<Int>] = []
    private(set) var digitCount = 0
    /// True for groups that belong to a finding, or to a date.
    private var isUsed: [Bool] = []

    /// Reads the cluster that begins at the digit `start`; returns where it ends.
    mutating func read(_ bytes: [UInt8], from start: Int, to end: Int) -> Int {
        groups.removeAll(keepingCapacity: true)
        digitCount = 0
        var index = start
        while true {
            let first = index
            while index < end, bytes[index].isDigit { index += 1 }
            groups.append(first..<index)
            digitCount += index - first
            guard let next = Self.nextGroup(bytes, from: index, to: end) else { break }
            index = next
        }
        isUsed = Array(repeating: false, count: groups.count)
        return index
    }

    /// Start of the group after a separator of at most four characters.
    private static func nextGroup(_ bytes: [UInt8], from start: Int, to end: Int) -> Int? {
        var index = start
        var dots = 0
        while index < end, index - start < 5 {
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                // A full stop and a space end a sentence.
                return index > start && (dots == 0 || index == start + 1) ? index : nil
            case UInt8(ascii: "."): dots += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "("),
                UInt8(ascii: ")"):
                break
            default: return nil
            }
            index += 1
        }
        return nil
    }

    /// What the cluster holds, with checksums before forms.
    mutating func findings(in bytes: [UInt8]) -> [RedactionScanner.Finding] {
        markDates(bytes)
        var found: [RedactionScanner.Finding] = []
        if digitCount >= 12 { find(PaymentCard.match, in: bytes, &found) }
        if digitCount >= 9 { find(NationalNumber.socialSecurity, in: bytes, &found) }
        if digitCount >= 12 { find(NationalNumber.myNumber, in: bytes, &found) }
        find(Telephone.match, in: bytes, &found)
        return found
    }

    private mutating func find(
        _ recognise: (DigitCluster, Int, [UInt8]) -> Match?, in bytes: [UInt8],
        _ found: inout [RedactionScanner.Finding]
    ) {
        var first = 0
        while first < groups.count {
            if !isUsed[first], let match = recognise(self, first, bytes) {
                found.append(.init(kind: match.kind, range: match.range))
                for index in first..<match.end { isUsed[index] = true }
                first = match.end
            } else {
                first += 1
            }
        }
    }

    struct Match {
        var kind: RedactionKind
        /// Group after the last one.
        var end: Int
        var range: Range<Int>
    }

    // MARK: What recognisers ask

    func count(_ group: Int) -> Int { groups[group].count }

    /// Bytes, so at least the digits, of the groups from `first` that nothing else uses.
    func freeBytes(from first: Int) -> Int {
        groups[free(from: first, limit: 20) - 1].upperBound - groups[first].lowerBound
    }

    /// Groups from `first` that nothing else uses, at most `limit`.
    func free(from first: Int, limit: Int) -> Int {
        var end = first
        while end < groups.count, end - first < limit, !isUsed[end] { end += 1 }
        return end
    }

    /// The same, within a cell of a table: a telephone number is not split over several.
    func freeInCell(from first: Int, limit: Int, in bytes: [UInt8]) -> Int {
        let end = free(from: first, limit: limit)
        return (first + 1..<max(first + 1, end)).first { separator(before: $0, in: bytes).contains(0x09) } ?? end
    }

    /// True when the groups from `first` have just these numbers of digits and are free.
    func has(_ counts: [Int], from first: Int) -> Bool {
        guard first + counts.count <= groups.count else { return false }
        for (offset, count) in counts.enumerated() where groups[first + offset].count != count || isUsed[first + offset]
        {
            return false
        }
        return true
    }

    /// The separator before `group`, empty before the first.
    func separator(before group: Int, in bytes: [UInt8]) -> ArraySlice<UInt8> {
        group == 0 || group == groups.count
            ? [] : bytes[groups[group - 1].upperBound..<groups[group].lowerBound]
    }

    /// True when one and the same single sign stands between all the groups.
    func isUniform(_ range: Range<Int>, in bytes: [UInt8], among signs: String = " -.") -> Bool {
        guard range.count > 1 else { return true }
        let first = separator(before: range.lowerBound + 1, in: bytes)
        guard first.count == 1, let sign = first.first, signs.utf8.contains(sign) else { return false }
        for group in range.dropFirst(2) where separator(before: group, in: bytes) != first { return false }
        return true
    }

    /// True when a number may begin at `first`: no letter, digit or sign ties it to what is before.
    func isOpen(before first: Int, in bytes: [UInt8]) -> Bool {
        if first > 0 { return isSpaced(before: first, in: bytes) || isUsed[first - 1] }
        let start = groups[0].lowerBound
        guard start > 0 else { return true }
        let before = bytes[start - 1]
        if before.isWord || before == UInt8(ascii: "_") { return false }
        if [UInt8(ascii: ","), UInt8(ascii: ".")].contains(before), start > 1, bytes[start - 2].isDigit {
            return false
        }
        return true
    }

    /// True when the groups before `end` may be a whole number.
    func isClosed(at end: Int, in bytes: [UInt8]) -> Bool {
        if end < groups.count {
            return isSpaced(before: end, in: bytes) || isUsed[end]
                || separator(before: end, in: bytes).contains(UInt8(ascii: "/"))
        }
        let last = groups[end - 1].upperBound
        guard last < bytes.count else { return true }
        return !(bytes[last].isWord || bytes[last] == UInt8(ascii: "_") || bytes[last] == UInt8(ascii: "%"))
    }

    private func isSpaced(before group: Int, in bytes: [UInt8]) -> Bool {
        separator(before: group, in: bytes).contains { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    func value(_ group: Int, in bytes: [UInt8]) -> Int {
        var value = 0
        for byte in bytes[groups[group]].prefix(9) { value = value * 10 + Int(byte - UInt8(ascii: "0")) }
        return value
    }

    func digits(_ range: Range<Int>, in bytes: [UInt8]) -> [Int] {
        range.flatMap { bytes[groups[$0]].map { Int($0 - UInt8(ascii: "0")) } }
    }

    func span(_ range: Range<Int>) -> Range<Int> {
        groups[range.lowerBound].lowerBound..<groups[range.upperBound - 1].upperBound
    }

    // MARK: Dates

    /// A date is no part of a number: 2024-05-01, 1.5.2024, 05/01/24.
    private mutating func markDates(_ bytes: [UInt8]) {
        guard groups.count >= 3 else { return }
        var first = 0
        while first + 3 <= groups.count {
            if isDate(first, bytes) {
                for index in first..<first + 3 { isUsed[index] = true }
                first += 3
            } else {
                first += 1
            }
        }
    }

    private func isDate(_ first: Int, _ bytes: [UInt8]) -> Bool {
        let range = first..<first + 3
        guard isUniform(range, in: bytes, among: "-./") else { return false }
        // A longer chain with the same sign is something else.
        let sign = separator(before: first + 1, in: bytes)
        if first > 0, separator(before: first, in: bytes) == sign { return false }
        if first + 3 < groups.count, separator(before: first + 3, in: bytes) == sign { return false }
        guard count(first) <= 4, count(first + 1) <= 2, count(first + 2) <= 4 else { return false }
        let values = range.map { value($0, in: bytes) }
        func isDayAndMonth(_ one: Int, _ two: Int) -> Bool {
            (1...31).contains(one) && (1...31).contains(two) && min(one, two) <= 12
        }
        func isYear(_ index: Int) -> Bool { count(first + index) == 4 && (1900...2099).contains(values[index]) }
        if isYear(0), count(first + 1) <= 2, count(first + 2) <= 2 { return isDayAndMonth(values[1], values[2]) }
        guard count(first) <= 2, count(first + 1) <= 2, isDayAndMonth(values[0], values[1]) else { return false }
        return isYear(2) || count(first + 2) == 2
    }
}
