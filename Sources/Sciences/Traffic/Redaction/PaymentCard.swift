/// Payment cards: a known issuer's prefix, that issuer's number of digits, and Luhn's check digit (ISO/IEC 7812).
enum PaymentCard {
    static func match(_ cluster: DigitCluster, first: Int, bytes: [UInt8]) -> DigitCluster.Match? {
        // Issuers' prefixes begin with 2 to 6 and 8.
        guard (UInt8(ascii: "2")...UInt8(ascii: "8")).contains(bytes[cluster.groups[first].lowerBound]),
            cluster.freeBytes(from: first) >= 12
        else { return nil }
        let limit = cluster.free(from: first, limit: 19)
        var digits: [Int] = []
        var best: Int?
        for end in first + 1...max(first + 1, limit) where end <= limit {
            digits.append(contentsOf: cluster.digits(end - 1..<end, in: bytes))
            if digits.count > 19 { break }
            if digits.count >= 12, isWritten(cluster, first..<end, bytes), isIssued(digits), hasCheckDigit(digits) {
                best = end
            }
        }
        guard let end = best else { return nil }
        if first > 0, cluster.separator(before: first, in: bytes) == cluster.separator(before: first + 1, in: bytes),
            end - first > 1, cluster.separator(before: first, in: bytes) != [UInt8(ascii: " ")]
        {
            return nil
        }
        let span = cluster.span(first..<end)
        // Parcels and orders have twelve or more digits too; most cards have fifteen or sixteen.
        let count = (first..<end).reduce(0) { $0 + cluster.count($1) }
        if count != 15, count != 16, NumberContext.before(span.lowerBound, in: bytes) == .somethingElse { return nil }
        // A digit group glued to letters is an identifier of another kind.
        if span.upperBound < bytes.count, bytes[span.upperBound].isWord { return nil }
        if span.lowerBound > 1, bytes[span.lowerBound - 1] == UInt8(ascii: "."), bytes[span.lowerBound - 2].isDigit {
            return nil
        }
        return .init(kind: .card, end: end, range: span)
    }

    /// In one run, digit by digit, or in the groups that are printed on cards.
    private static func isWritten(_ cluster: DigitCluster, _ range: Range<Int>, _ bytes: [UInt8]) -> Bool {
        if range.count == 1 { return true }
        for group in range.dropFirst() {
            let separator = cluster.separator(before: group, in: bytes)
            guard separator.count <= 3, separator.allSatisfy({ " -./\t".utf8.contains($0) }) else { return false }
        }
        if range.allSatisfy({ cluster.count($0) == 1 }) { return true }
        let counts = range.map { cluster.count($0) }
        if [[8, 8], [6, 10], [4, 12], [4, 6, 5], [4, 6, 4]].contains(counts) { return true }
        return counts.dropLast().allSatisfy { $0 == 4 } && counts[counts.count - 1] <= 4
    }

    private static func isIssued(_ digits: [Int]) -> Bool {
        func prefix(_ count: Int) -> Int { digits.prefix(count).reduce(0) { $0 * 10 + $1 } }
        let count = digits.count
        switch prefix(4) {
        case 4000...4999: return count == 13 || count == 16 || count == 19
        case 5100...5599, 2221...2720: return count == 16
        case 3400...3499, 3700...3799: return count == 15
        case 3528...3589: return (16...19).contains(count)
        case 3000...3059, 3095, 3600...3699, 3800...3999: return (14...19).contains(count)
        case 6011, 6440...6599: return (16...19).contains(count)
        case 6200...6299, 8100...8199: return (16...19).contains(count)
        case 2200...2204: return (16...19).contains(count)
        case 5000...5099, 5600...5899, 6000...6999: return (12...19).contains(count)
        default: return false
        }
    }

    private static func hasCheckDigit(_ digits: [Int]) -> Bool {
        var sum = 0
        for (position, digit) in digits.reversed().enumerated() {
            let doubled = position % 2 == 1 ? digit * 2 : digit
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return sum % 10 == 0
    }
}
