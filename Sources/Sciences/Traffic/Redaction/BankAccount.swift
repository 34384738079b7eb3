/// International bank account numbers (ISO 13616): country, check digits, and as many characters as the country has.
enum BankAccount {
    /// The number whose check digits begin at `digit`: two letters before it, groups apart by single spaces or hyphens.
    static func range(atDigit digit: Int, in bytes: [UInt8]) -> Range<Int>? {
        guard digit >= 2, digit + 2 < bytes.count, bytes[digit - 1].isLetter, bytes[digit - 2].isLetter,
            bytes[digit + 1].isDigit, digit < 3 || !bytes[digit - 3].isWord,
            !NationalNumber.isTied(digit - 2, in: bytes, by: "-_/\\%")
        else { return nil }
        let country = String(decoding: [bytes[digit - 2] & 0xDF, bytes[digit - 1] & 0xDF], as: UTF8.self)
        guard let length = lengths[country] else { return nil }
        var characters: [UInt8] = []
        characters.reserveCapacity(length)
        var index = digit - 2
        while characters.count < length {
            guard index < bytes.count else { return nil }
            let byte = bytes[index]
            if byte.isDigit || byte.isLetter {
                characters.append(byte.isLetter ? byte & 0xDF : byte)
            } else {
                guard byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-"), bytes[index - 1].isWord else {
                    return nil
                }
            }
            index += 1
        }
        if index < bytes.count, bytes[index].isWord { return nil }
        return remainder(characters) == 1 ? digit - 2..<index : nil
    }

    /// ISO 7064 mod 97-10: the first four characters go to the end, letters count from 10.
    private static func remainder(_ characters: [UInt8]) -> Int {
        var remainder = 0
        for character in characters[4...] + characters[..<4] {
            if character.isDigit {
                remainder = (remainder * 10 + Int(character - UInt8(ascii: "0"))) % 97
            } else {
                remainder = (remainder * 100 + Int(character - UInt8(ascii: "A")) + 10) % 97
            }
        }
        return remainder
    }

    /// Characters of a number by country, from the registry of ISO 13616.
    private static let lengths: [String: Int] = [
        "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27,
        "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28,
        "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23,
        "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
        "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
        "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28,
        "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22,
        "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25,
        "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
    ]
}
