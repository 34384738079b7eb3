import Testing
import Values

@Suite("Canonical JSON (RFC 8785)") struct CanonicalJSONTests {
    static func canonical(_ text: String) throws -> String {
        String(decoding: try JSONValue(parsing: Array(text.utf8)).canonical, as: UTF8.self)
    }

    /// Appendix B of RFC 8785: IEEE 754 bits and their text.
    @Test(
        arguments: [
            (0x0000_0000_0000_0000 as UInt64, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"), (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"), (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"), (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"), (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"), (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"), (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0x41b3_de43_5555_5557, "333333333.33333343"), (0xbece_cb3b_8a07_29a2 as UInt64, nil),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] as [(UInt64, String?)])
    func printsNumbers(bits: UInt64, expected: String?) throws {
        let text = String(decoding: JSONValue.number(Double(bitPattern: bits)).canonical, as: UTF8.self)
        if let expected { #expect(text == expected) }
        #expect(Double(text) == Double(bitPattern: bits))
    }

    /// The example of section 3.2.2 and 3.2.4.
    @Test func writesTheExample() throws {
        let text = #"""
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """#
        let expected =
            #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
        #expect(try Self.canonical(text) == expected)
    }

    /// The example of section 3.2.3: by UTF-16 code units, so that 😂 (a surrogate pair) stands before U+FB33.
    @Test func ordersMembers() throws {
        let text = #"""
            {"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
             "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}
            """#
        let value = try JSONValue(parsing: try JSONValue(parsing: Array(text.utf8)).canonical)
        #expect(
            value.objectValue?.members.map(\.name)
                == ["\r", "1", "\u{80}", "ö", "€", "😀", "\u{FB33}"])
    }

    @Test func integersBeyondDoublesAreRounded() throws {
        #expect(
            try Self.canonical("[9007199254740993,-9007199254740993,9223372036854775807,12,1.0]")
                == "[9007199254740992,-9007199254740992,9223372036854776000,12,1]")
    }

    @Test func isIdempotentAndOrderFree() throws {
        #expect(try Self.canonical(#"{"b":1,"a":{"d":[],"c":0.5}}"#) == #"{"a":{"c":0.5,"d":[]},"b":1}"#)
        #expect(try Self.canonical(#"{"a":{"c":5e-1,"d":[]},"b":1.0}"#) == #"{"a":{"c":0.5,"d":[]},"b":1}"#)
    }
}
