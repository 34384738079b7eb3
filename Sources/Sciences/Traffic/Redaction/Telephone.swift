/// Telephone numbers: international ones, and the forms in which countries write national ones.
enum Telephone {
    static func match(_ cluster: DigitCluster, first: Int, bytes: [UInt8]) -> DigitCluster.Match? {
        guard cluster.freeBytes(from: first) >= 7 else { return nil }
        let start = cluster.groups[first].lowerBound
        if let match = international(cluster, first, start, bytes) { return match }
        guard cluster.isOpen(before: first, in: bytes) || parenthesised(start, bytes) else { return nil }
        guard start == 0 || (bytes[start - 1] != FoldedText.currency && bytes[start - 1] != UInt8(ascii: "$")) else {
            return nil
        }
        guard let end = nationalEnd(cluster, first, bytes) else { return nil }
        var lower = start
        if parenthesised(start, bytes) { lower -= 1 }
        return .init(kind: .phone, end: end, range: lower..<cluster.groups[end - 1].upperBound)
    }

    private static let hyphen: ArraySlice<UInt8> = [UInt8(ascii: "-")]

    private static func parenthesised(_ start: Int, _ bytes: [UInt8]) -> Bool {
        start > 0 && bytes[start - 1] == UInt8(ascii: "(")
    }

    // MARK: International

    /// `+` or `00`, a country code, and at most what that country's numbers have.
    private static func international(
        _ cluster: DigitCluster, _ first: Int, _ start: Int, _ bytes: [UInt8]
    ) -> DigitCluster.Match? {
        let hasPlus = start > 0 && bytes[start - 1] == UInt8(ascii: "+")
        guard hasPlus || bytes[start] == UInt8(ascii: "0") else { return nil }
        var lower = start
        var digits = cluster.digits(first..<first + 1, in: bytes)
        if hasPlus {
            lower -= 1
            if lower > 0, bytes[lower - 1].isWord { return nil }
            if lower > 0, bytes[lower - 1] == UInt8(ascii: "(") { lower -= 1 }
        } else {
            guard digits.count >= 3, digits[0] == 0, digits[1] == 0, cluster.isOpen(before: first, in: bytes),
                !NationalNumber.isTied(start, in: bytes)
            else { return nil }
            digits.removeFirst(2)
        }
        guard let code = digits.first, code != 0 else { return nil }
        var end = first + 1
        var total = digits.count
        var maximum = digits.count >= 2 ? longest(digits) : 15
        let limit = cluster.freeInCell(from: first, limit: 12, in: bytes)
        while end < limit {
            if end == first + 1 || digits.count < 2 {
                digits.append(contentsOf: cluster.digits(end..<end + 1, in: bytes))
                maximum = longest(digits)
            }
            // (0): the trunk prefix that falls away abroad.
            if cluster.count(end) == 1, cluster.separator(before: end, in: bytes).contains(UInt8(ascii: "(")) {
                maximum += 1
            }
            guard total + cluster.count(end) <= maximum else { break }
            total += cluster.count(end)
            end += 1
        }
        // In one run it may be what an order is numbered like.
        guard hasPlus || end > first + 1 || NumberContext.before(start, in: bytes) != .somethingElse else { return nil }
        guard total >= (hasPlus ? 7 : 9), total <= 15, cluster.isClosed(at: end, in: bytes) || hasPlus else {
            return nil
        }
        return .init(kind: .phone, end: end, range: lower..<cluster.groups[end - 1].upperBound)
    }

    /// Most digits of a number with the country code that `digits` begin with (national plans, ITU-T E.164).
    private static func longest(_ digits: [Int]) -> Int {
        if digits[0] == 1 || digits[0] == 7 { return 11 }
        guard digits.count > 1 else { return 15 }
        switch digits[0] * 10 + digits[1] {
        case 45, 47, 65: return 10
        case 30, 44, 91, 52, 90, 20: return 12
        case 31, 32, 33, 34, 41, 48, 61, 27: return 11
        case 81, 82, 46, 66, 64, 84: return 12
        case 36, 40: return 11
        case 39, 43, 55, 60, 62, 63, 86: return 13
        default: return 15
        }
    }

    // MARK: National

    private static func nationalEnd(_ cluster: DigitCluster, _ first: Int, _ bytes: [UInt8]) -> Int? {
        let start = cluster.groups[first].lowerBound
        let context = NumberContext.before(start, in: bytes)
        // What no order and no ticket is numbered like.
        if context == .somethingElse {
            if let end = areaCodeEnd(cluster, first, bytes) { return end }
            return leadingZeroEnd(cluster, first, bytes).flatMap { $0 > first + 1 ? $0 : nil }
        }
        if context == .telephone {
            if let end = anyEnd(cluster, first, bytes) { return end }
        } else if NationalNumber.isTied(start, in: bytes) {
            return nil
        }
        if let end = leadingZeroEnd(cluster, first, bytes) ?? areaCodeEnd(cluster, first, bytes) { return end }
        for form in forms where cluster.has(form.counts, from: first) {
            let range = first..<first + form.counts.count
            let leading = Int(bytes[start] - UInt8(ascii: "0"))
            guard form.leading.contains(leading), isSeparated(cluster, range, bytes),
                cluster.isClosed(at: range.upperBound, in: bytes)
                    || isExtended(cluster.groups[range.upperBound - 1].upperBound, bytes)
            else { continue }
            if form.counts == [11] || form.counts == [3, 4, 4], !(3...9).contains(Int(bytes[start + 1]) - 48) {
                continue
            }
            if context != .telephone, isQuantities(cluster, range, bytes) { continue }
            return range.upperBound
        }
        return nil
    }

    /// Round numbers, two numbers near each other, a range of years: what people count rather than dial. A telephone
    /// number looks like that with a chance of a few per cent at most.
    private static func isQuantities(_ cluster: DigitCluster, _ range: Range<Int>, _ bytes: [UInt8]) -> Bool {
        let values = range.map { cluster.value($0, in: bytes) }
        if values.count > 1, values.allSatisfy({ $0 % 10 == 0 }) { return true }
        if range.map({ cluster.count($0) }) == [5, 5] {
            let separator = cluster.separator(before: range.lowerBound + 1, in: bytes)
            return separator != [UInt8(ascii: " ")] || values.contains { $0 % 100 == 0 }
                || values[0] / 1000 == values[1] / 1000
        }
        return values.count == 3 && values.dropFirst().allSatisfy { (1900...2099).contains($0) }
    }

    private struct Form {
        let counts: [Int]
        let leading: ClosedRange<Int>
    }

    /// Numbers of digits by group, and first digits.
    private static let forms: [Form] = [
        // North America, also with its country code.
        Form(counts: [3, 3, 4], leading: 2...9), Form(counts: [1, 3, 3, 4], leading: 1...1),
        // China, in one run or in groups.
        Form(counts: [11], leading: 1...1), Form(counts: [3, 4, 4], leading: 1...1),
        // India.
        Form(counts: [5, 5], leading: 6...9),
        // Spain.
        Form(counts: [3, 2, 2, 2], leading: 6...9), Form(counts: [2, 3, 2, 2], leading: 7...9),
        // Russia.
        Form(counts: [1, 3, 3, 2, 2], leading: 7...8),
        // Mexico and Brazil.
        Form(counts: [2, 4, 4], leading: 1...9), Form(counts: [2, 5, 4], leading: 1...9),
    ]

    /// An extension follows: `x12`.
    private static func isExtended(_ end: Int, _ bytes: [UInt8]) -> Bool {
        end + 1 < bytes.count && bytes[end] | 0x20 == UInt8(ascii: "x") && bytes[end + 1].isDigit
    }

    private static func isSeparated(_ cluster: DigitCluster, _ range: Range<Int>, _ bytes: [UInt8]) -> Bool {
        range.dropFirst().allSatisfy { group in
            let separator = cluster.separator(before: group, in: bytes)
            return separator.count <= 3 && !separator.contains(UInt8(ascii: "/")) && !separator.contains(0x09)
        }
    }

    /// A trunk prefix 0, as most of Europe, Asia and Oceania write it: 9 to 12 digits in groups, 10 to 12 in one run.
    private static func leadingZeroEnd(_ cluster: DigitCluster, _ first: Int, _ bytes: [UInt8]) -> Int? {
        let range = cluster.groups[first]
        guard bytes[range.lowerBound] == UInt8(ascii: "0"), range.count >= 2,
            bytes[range.lowerBound + 1] != UInt8(ascii: "0")
        else { return nil }
        let isGermanMobile =
            range.count >= 3 && bytes[range.lowerBound + 1] == UInt8(ascii: "1")
            && (UInt8(ascii: "5")...UInt8(ascii: "7")).contains(bytes[range.lowerBound + 2])
        let most = isGermanMobile ? 12 : 11
        if (10...most).contains(range.count), cluster.isClosed(at: first + 1, in: bytes) { return first + 1 }
        guard range.count <= 6 else { return nil }
        var best: Int?
        var total = range.count
        let limit = cluster.freeInCell(from: first, limit: 6, in: bytes)
        var end = first + 1
        while end < limit {
            let separator = cluster.separator(before: end, in: bytes)
            // Once it is long enough, only what is written alike belongs to it.
            if best != nil, separator != cluster.separator(before: end - 1, in: bytes) { break }
            total += cluster.count(end)
            guard total <= most else { break }
            end += 1
            // Two groups with a full stop are a decimal number.
            if end - first == 2, separator == [UInt8(ascii: ".")] { continue }
            if total >= 9, cluster.isClosed(at: end, in: bytes) { best = end }
        }
        // Pairs that rise and are small, as the numbers of a draw are.
        if let end = best {
            let groups = first..<end
            let values = groups.map { cluster.value($0, in: bytes) }
            if groups.allSatisfy({ cluster.count($0) == 2 }), zip(values, values.dropFirst()).allSatisfy(<),
                values.allSatisfy({ $0 < 60 })
            {
                return nil
            }
        }
        return best
    }

    /// An area code in parentheses, and 8 to 12 digits in all.
    private static func areaCodeEnd(_ cluster: DigitCluster, _ first: Int, _ bytes: [UInt8]) -> Int? {
        let range = cluster.groups[first]
        guard parenthesised(range.lowerBound, bytes), (2...5).contains(range.count), range.upperBound < bytes.count,
            bytes[range.upperBound] == UInt8(ascii: ")"),
            !(range.count == 4 && (1900...2099).contains(cluster.value(first, in: bytes)))
        else { return nil }
        var total = range.count
        var best: Int?
        for end in first + 1..<max(first + 1, cluster.freeInCell(from: first, limit: 5, in: bytes)) {
            total += cluster.count(end)
            guard total <= 12 else { break }
            if total >= 8, cluster.isClosed(at: end + 1, in: bytes) { best = end + 1 }
        }
        return best
    }

    /// After a word for it, 7 to 15 digits however they are grouped.
    private static func anyEnd(_ cluster: DigitCluster, _ first: Int, _ bytes: [UInt8]) -> Int? {
        var best: Int?
        var total = 0
        for end in first..<cluster.freeInCell(from: first, limit: 7, in: bytes) {
            // Once it is long enough, only what is written alike belongs to it, or an extension after a hyphen.
            let separator = cluster.separator(before: end, in: bytes)
            if best != nil, separator != cluster.separator(before: end - 1, in: bytes), separator != hyphen { break }
            total += cluster.count(end)
            guard total <= 15 else { break }
            let isEnd =
                cluster.isClosed(at: end + 1, in: bytes) || isExtended(cluster.groups[end].upperBound, bytes)
            if total >= 7, isEnd { best = end + 1 }
        }
        return best
    }
}
