import Traffic

/// Generated personal data in sentences, and what looks like it.
struct RedactionCorpus {
    struct Positive {
        var kind: RedactionKind
        var text: String
        var secret: String
    }

    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    // MARK: Personal data

    mutating func positive() -> Positive {
        let kind = generator.pick(RedactionKind.allCases)
        var secret = value(of: kind)
        switch generator.number(0...11) {
        case 0 where kind != .ip && kind != .iban && kind != .email: secret = Self.fullWidth(secret)
        case 1 where kind != .email: secret = withZeroWidth(secret)
        case 2: secret = secret.replacing("-", with: "\u{2011}")
        default: break
        }
        return Positive(kind: kind, text: sentence(around: secret), secret: secret)
    }

    private mutating func value(of kind: RedactionKind) -> String {
        switch kind {
        case .email: email()
        case .phone: phone()
        case .card: card()
        case .iban: iban()
        case .ip: address()
        case .ssn: socialSecurity()
        case .myNumber: myNumber()
        }
    }

    private mutating func sentence(around value: String) -> String {
        let frames = [
            ("", ""), ("Please use ", "."), ("It is ", ", thanks"), ("(", ")"), ("hello\n", "\nbye"),
            ("My details: ", ""),
            ("番号は ", " です"), ("Hi, ", " is right?"), ("\"", "\""), ("contact=", ";"), ("Bitte an ", " senden."),
            ("this one → ", " or later"), ("value: ", "!"), ("、", "。"), ("I wrote on 2024-05-01 about ", " and waited"),
        ]
        let (before, after) = generator.pick(frames)
        return before + value + after
    }

    private mutating func email() -> String {
        let local = generator.pick([
            "john", "mary.jane", "a_b-c", "x+tag", "info", "müller", "o'brien", "john1985", "j", "first.last+news2024",
        ])
        let domain = generator.pick([
            "example.com", "mail.example.co.uk", "firma-gmbh.de", "example.co.jp", "münchen.de", "x.io", "uni.ac.at",
            "sub.domain.example.museum",
        ])
        return generator.pick([
            "\(local)@\(domain)", "\(local)@\(domain)", "\(local.uppercased())@\(domain)", "\(local)＠\(domain)",
        ])
    }

    private mutating func phone() -> String {
        generator.filled(
            generator.pick([
                "+1 N## N## ####", "+1-N##-N##-####", "+1N##N######", "(N##) N##-####", "N##-N##-####", "N##.N##.####",
                "1-N##-N##-####", "+44 20 7### ####", "+44 (0)20 7### ####", "020 7### ####", "07### ######",
                "07#########",
                "01### ### ###", "+49 30 N######", "030 N######", "0151 N#######", "0171/N######", "+49 (0)89 N#######",
                "+33 6 ## ## ## ##", "06 ## ## ## ##", "06.##.##.##.##", "+33612######", "01 4# ## ## ##",
                "03-N###-####",
                "090-####-####", "080########", "+81 90 #### ####", "+81-3-####-####", "0120-###-###", "（03）N###-####",
                "010-####-####", "+82 10 #### ####", "138########", "139 #### ####", "+86 138 #### ####",
                "+91 98### #####",
                "98### #####", "6## ## ## ##", "+34 6## ### ###", "0412 ### ###", "(02) 9### ####", "+61 4## ### ###",
                "(11) 9####-####", "+55 11 9####-####", "55 N### ####", "+7 912 ###-##-##", "8 (912) ###-##-##",
                "044 668 ## ##", "+41 44 668 ## ##", "0470 ## ## ##", "06-N#######", "+31 6 N#######",
                "+39 333 ### ####",
                "0044 20 7### ####", "+353 1 ### ####", "+971 50 ### ####",
            ]))
    }

    private mutating func card() -> String {
        let (prefix, length) = generator.pick([
            ("4", 16), ("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16),
            ("65", 16),
            ("3528", 16), ("36", 14), ("62", 16), ("4", 19),
        ])
        let digits = Self.luhn(prefix + generator.digits(length - prefix.count - 1))
        let groups = length == 15 ? [4, 6, 5] : length == 14 ? [4, 6, 4] : [4, 4, 4, 4, 3]
        let separator = generator.pick(["", "", " ", "-", "."])
        if generator.number(0...19) == 0 { return digits.map(String.init).joined(separator: " ") }
        return Self.grouped(digits, groups, separator)
    }

    private mutating func iban() -> String {
        let (country, pattern) = generator.pick([
            ("DE", "##################"), ("GB", "WEST##############"), ("FR", "##########AB#########1#"),
            ("NL", "ABNA##########"), ("ES", "####################"), ("CH", "#################"),
            ("IT", "X######################"), ("BE", "############"), ("NO", "###########"),
            ("MT", "MALT#####MTLCAST001S#######"), ("FR", "#######################"),
        ])
        let body = generator.filled(pattern)
        let check = 98 - Self.remainder(body + country + "00")
        let number = country + (check < 10 ? "0" : "") + String(check) + body
        switch generator.number(0...3) {
        case 0: return number
        case 1: return number.lowercased()
        case 2: return Self.grouped(number, Array(repeating: 4, count: 9), "-")
        default: return Self.grouped(number, Array(repeating: 4, count: 9), " ")
        }
    }

    private mutating func address() -> String {
        let hexadecimal = { (generator: inout SeededGenerator) in String(generator.number(1...65_535), radix: 16) }
        switch generator.number(0...4) {
        case 0: return (0..<8).map { _ in hexadecimal(&generator) }.joined(separator: ":")
        case 1: return "2001:db8::\(hexadecimal(&generator)):\(generator.number(1...9))"
        case 2: return "fe80::\(generator.number(1...9))\(hexadecimal(&generator).prefix(3)):\(hexadecimal(&generator))"
        default: return (0..<4).map { _ in String(generator.number(1...254)) }.joined(separator: ".")
        }
    }

    private mutating func socialSecurity() -> String {
        let area = generator.pick([generator.number(1...665), generator.number(667...899)])
        let separator = generator.pick(["-", "-", " "])
        let padded = String(repeating: "0", count: 3 - String(area).count) + String(area)
        let group = generator.number(10...99)
        return "\(padded)\(separator)\(group)\(separator)\(generator.number(1000...9999))"
    }

    private mutating func myNumber() -> String {
        let digits = Self.myNumber(generator.pick(["1", "2", "5", "7", "8", "9"]) + generator.digits(10))
        return generator.pick([digits, Self.grouped(digits, [4, 4, 4], " "), Self.grouped(digits, [4, 4, 4], "-")])
    }

    private mutating func withZeroWidth(_ text: String) -> String {
        let characters = text.map(String.init)
        let mark = generator.pick(["\u{200B}", "\u{2060}", "\u{FEFF}", "\u{200D}"])
        return characters.joined(separator: mark)
    }

    // MARK: Look-alikes

    /// A sentence with nothing personal in it.
    mutating func lookAlike() -> String {
        let pattern = generator.pick([
            "Order ########## is late", "order number: #########", "My order #NNN-#######-####### has not come",
            "invoice 2024-######", "ref ABC-######-##", "ticket ########", "tracking number 1Z###AA##########",
            "tracking number ############", "SKU ###-####-##", "ISBN 978-0-###-#####-#", "on 2024-0N-1# at 1#:3#",
            "due 1#/0N/2024", "by 0N.1#.2023 please", "from 01.02.24 until 03.04.24", "version 1.2#.3", "v2.#.1#.4##",
            "Chrome 12#.0.6#45.1#", "version 10.0.1.#", "it costs $1,2##.99", "EUR 1.234.#67,00", "price 12 ###,50 €",
            "between 2019 and 2024", "2019-2024", "at 09:30:15", "MAC 00:1A:2B:3C:4D:5E", "std::vector<int> a;",
            "Foo::bar(#)", "a[::2]", "12#45 items", "the code is ######", "pi is 3.14159265#", "0.12345678#",
            "48.8566#, 2.3522#", "1e-0# and 5.0e+1#", "id 550e8400-e29b-41d4-a716-4466554#0000",
            "commit 9f86d081884c7d659a2feaa0c55ad015", "@handle said hi", "meet me @ 5pm", "npm i @scope/pkg@1.2.#",
            "100% of 25#", "room 4#, floor 1#", "size 10x20x3#", "1#:3# - 1N:4#", "## ### ##", "score 3-2, 4-1, 0-0",
            "https://example.com/p/##########", "see https://x.org/a?id=##########", "#include <x>", "C++17, C++20",
            "5 + 7 = 12, +1 for that", "chapter 1.2.3.4", "page 12-15, 20-2#", "10 000 000 users", "1 234 567 rows",
            "timestamp 17########", "epoch 17###########", "serial 4##############", "model 61#2-####", "flight LH 4##",
            "account number ########", "zip 9####-####", "PO Box 1###", "a 64-bit, 3.2 GHz, 16 GB", "30 days, 24/7",
            "Highway 101, exit 4##", "1st, 2nd, 3rd", "2024-05-01T09:30:00Z", "1990-2000-2010", "0x7fff5fbff8#0",
            "DE is a country, GB 12 too", "rgb(12#, 255, 0)", "ratio 16:9", "1/2/3 cups", "May 5, 2024 10:15",
            "20240501", "Windows NT 10.0; Win64", "CVE-2024-#####", "RFC 8785", "IEEE 754-2019", "+5 points, -3 points",
            "transaction 8############", "part 0N1-####-###", "I am 4# years old", "64.5 kg and 1.8# m",
            "case 20##-######",
        ])
        return generator.filled(pattern.hasPrefix("#include") ? "include <x>" : pattern)
    }

    // MARK: Check digits

    static func luhn(_ digits: String) -> String {
        var sum = 0
        for (position, character) in digits.reversed().enumerated() {
            let digit = character.wholeNumberValue!
            let doubled = position % 2 == 0 ? digit * 2 : digit
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return digits + String((10 - sum % 10) % 10)
    }

    static func myNumber(_ digits: String) -> String {
        var sum = 0
        for (offset, character) in digits.reversed().enumerated() {
            let position = offset + 1
            sum += character.wholeNumberValue! * (position <= 6 ? position + 1 : position - 5)
        }
        return digits + String(sum % 11 <= 1 ? 0 : 11 - sum % 11)
    }

    static func remainder(_ text: String) -> Int {
        text.reduce(0) { remainder, character in
            let value = character.wholeNumberValue ?? Int(character.asciiValue! - 55)
            return (remainder * (value > 9 ? 100 : 10) + value) % 97
        }
    }

    static func grouped(_ digits: String, _ counts: [Int], _ separator: String) -> String {
        var rest = Substring(digits)
        var groups: [Substring] = []
        for count in counts where !rest.isEmpty {
            groups.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return groups.joined(separator: separator)
    }

    static func fullWidth(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { (0x21...0x7E).contains($0.value) ? Unicode.Scalar($0.value + 0xFEE0)! : $0 }))
    }
}
