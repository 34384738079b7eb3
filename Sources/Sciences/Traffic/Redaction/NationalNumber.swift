/// Numbers that a state gives to a person.
enum NationalNumber {
    /// A US social security number, 3-2-4 with one sign between, no area, group or serial of zeros, no area 666 or from
    /// 900 (Social Security Administration, randomised since 2011); in one run only after the words.
    static func socialSecurity(_ cluster: DigitCluster, first: Int, bytes: [UInt8]) -> DigitCluster.Match? {
        if cluster.has([9], from: first) {
            let digits = cluster.digits(first..<first + 1, in: bytes)
            let span = cluster.span(first..<first + 1)
            guard isSocialSecurity(digits), cluster.isOpen(before: first, in: bytes),
                cluster.isClosed(at: first + 1, in: bytes),
                NumberContext.before(span.lowerBound, in: bytes) == .socialSecurity
            else { return nil }
            return .init(kind: .ssn, end: first + 1, range: span)
        }
        let range = first..<first + 3
        guard cluster.has([3, 2, 4], from: first), cluster.isUniform(range, in: bytes),
            isSocialSecurity(cluster.digits(range, in: bytes)), cluster.isOpen(before: first, in: bytes),
            cluster.isClosed(at: first + 3, in: bytes)
        else { return nil }
        let span = cluster.span(range)
        // "SSN-123-45-6789" is one; "part AB-123-45-6789" is not.
        if isTied(span.lowerBound, in: bytes), NumberContext.before(span.lowerBound, in: bytes) != .socialSecurity {
            return nil
        }
        return .init(kind: .ssn, end: first + 3, range: span)
    }

    private static func isSocialSecurity(_ digits: [Int]) -> Bool {
        let area = digits[0] * 100 + digits[1] * 10 + digits[2]
        return area != 0 && area != 666 && area < 900 && (digits[3] != 0 || digits[4] != 0)
            && digits[5...].contains { $0 != 0 }
    }

    /// A Japanese My Number: twelve digits in one run or in fours, the last a check digit (ministerial ordinance 85 of
    /// 2014, article 5).
    static func myNumber(_ cluster: DigitCluster, first: Int, bytes: [UInt8]) -> DigitCluster.Match? {
        let groups = cluster.has([12], from: first) ? 1 : cluster.has([4, 4, 4], from: first) ? 3 : 0
        guard groups > 0, cluster.isUniform(first..<first + groups, in: bytes),
            cluster.isOpen(before: first, in: bytes), cluster.isClosed(at: first + groups, in: bytes),
            isMyNumber(cluster.digits(first..<first + groups, in: bytes))
        else { return nil }
        // Four groups of four are something else.
        if groups == 3, first + 3 < cluster.groups.count, cluster.count(first + 3) == 4 { return nil }
        if groups == 3, first > 0, cluster.count(first - 1) == 4 { return nil }
        let span = cluster.span(first..<first + groups)
        // A UUID's last group or a part of a path is none; "id=…" may be one.
        if groups == 1, isTied(span.lowerBound, in: bytes, by: "-./_\\%") { return nil }
        if NumberContext.before(span.lowerBound, in: bytes) == .somethingElse { return nil }
        return .init(kind: .myNumber, end: first + groups, range: span)
    }

    private static func isMyNumber(_ digits: [Int]) -> Bool {
        var sum = 0
        for position in 1...11 {
            sum += digits[11 - position] * (position <= 6 ? position + 1 : position - 5)
        }
        let remainder = sum % 11
        return digits[11] == (remainder <= 1 ? 0 : 11 - remainder) && digits.contains { $0 != digits[0] }
    }

    /// True when a sign ties the number to a word before it, as in a path, an identifier or a UUID.
    static func isTied(_ start: Int, in bytes: [UInt8], by signs: String = "-./=&?#_\\%") -> Bool {
        guard start > 1 else { return false }
        return signs.utf8.contains(bytes[start - 1]) && bytes[start - 2].isWord
    }
}
