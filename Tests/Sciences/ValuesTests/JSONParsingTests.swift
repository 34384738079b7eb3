import Testing
import Values

@Suite("JSON parsing") struct JSONParsingTests {
    static func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    static let texts: [(String, JSONValue)] = [
        ("null", JSONValue.null), (" true ", true), ("false", false), ("0", 0), ("-0", .number(-0.0)), ("12", 12),
        ("-7", -7), ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.5", 1.5), ("1e3", .number(1000)),
        ("1E+3", .number(1000)), ("-2.5e-3", -0.0025), ("1.0", .number(1)), ("5e-324", .number(.leastNonzeroMagnitude)),
        ("1e-400", .number(0)), ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
        ("123456789012345678901234567890", .number(1.2345678901234568e29)),
        ("0.1000000000000000055511151231257827", 0.1), ("\"\"", ""),
        (#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#, "a\"\\/\u{8}\u{c}\n\r\té😀"),
        ("[]", []), ("[ 1 , [ ] ]", [1, []]), ("{}", [:]), ("{\"a\":{\"b\":[null]}}", ["a": ["b": [nil]]]),
        ("\t\r\n {\"\" : 1}", ["": 1]), ("\"\\u0000\"", "\0"), ("{\"é\":1,\"e\\u0301\":2}", ["é": 1, "e\u{301}": 2]),
    ]

    @Test(arguments: texts)
    func reads(text: String, expected: JSONValue) throws {
        let value = try Self.parse(text)
        #expect(value == expected)
        #expect(value.serialized == expected.serialized)
    }

    /// Texts that RFC 8259 forbids, or that readers understand differently; cases follow Seriot's "Parsing JSON is a
    /// minefield" in kind.
    @Test(arguments: [
        "", " ", "nul", "tru", "True", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1.e3",
        "0x1",
        "1 2", "[1,]", "[,1]", "[1 2]", "[", "]", "[1", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}",
        "{\"a\":1 \"b\":2}", "{\"a\" 1}", "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"",
        "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"", "\"\n\"", "\"\u{1}\"", "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}", "1e400", "-1e999", "\u{FEFF}1", "// x\n1", "[1]x", "{\"a\":1}}", "\"\\",
    ])
    func refuses(text: String) {
        #expect(throws: JSONSyntaxError.self) { try Self.parse(text) }
    }

    @Test func refusesTextThatIsNotUTF8() {
        for bytes: [UInt8] in [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC3, 0x22],
            [0x22, 0x5C, 0x6E, 0xFF, 0x22], [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0xFF],
        ] {
            #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: bytes) }
        }
    }

    @Test func boundsDepthBeforeTheStack() throws {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try Self.parse(deep)
        let error = #expect(throws: JSONSyntaxError.self) { try Self.parse("[" + deep + "]") }
        #expect(error?.reason == "arrays and objects are nested deeper than 64")
        #expect(throws: JSONSyntaxError.self) { try Self.parse(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONSyntaxError.self) { try Self.parse(String(repeating: "{\"a\":", count: 1_000_000)) }
        // Depth counts what is open, not what was opened.
        _ = try Self.parse("[" + String(repeating: "[[]],", count: 1000) + "[]]")
    }

    @Test func saysWhereItIsWrong() {
        let error = #expect(throws: JSONSyntaxError.self) { try Self.parse("{\"a\": 1, \"a\": 2}") }
        #expect(error == JSONSyntaxError(offset: 9, reason: "the name \"a\" stands twice in one object"))
        #expect(error?.description == "The JSON text is wrong at byte 9: the name \"a\" stands twice in one object.")
    }

    @Test func findsDuplicatesInLongObjects() {
        let members = (0..<500).map { "\"n\($0)\":\($0)" }
        #expect(throws: Never.self) { try Self.parse("{\(members.joined(separator: ","))}") }
        #expect(throws: JSONSyntaxError.self) { try Self.parse("{\((members + ["\"n7\":0"]).joined(separator: ","))}") }
    }

    @Test func everyPrefixOfATextIsRefused() throws {
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e9y",{"b":null}],"c":true}"#.utf8)
        _ = try JSONValue(parsing: text)
        for count in text.indices {
            #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text[..<count]) }
        }
    }

    /// Any byte changed to any other: an error or a value, never a trap.
    @Test func survivesEveryByteChange() {
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00"],"c":true}"#.utf8)
        var values = 0
        for position in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[position] = byte
                if let value = try? JSONValue(parsing: changed) {
                    values += 1
                    #expect((try? JSONValue(parsing: value.serialized)) == value)
                }
            }
        }
        #expect(values > 100)
    }

    @Test func roundTripsRandomValues() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            let value = generator.value(depth: 4)
            #expect(try JSONValue(parsing: value.serialized) == value)
            #expect(try JSONValue(parsing: value.canonical).canonical == value.canonical)
        }
    }

    @Test func readsDoublesAsTheStandardLibraryDoes() throws {
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite else { continue }
            #expect(try Self.parse(value.description).doubleValue?.bitPattern == value.bitPattern)
        }
        for _ in 0..<20_000 {
            let text =
                "\(generator.next() % 1_000_000_000).\(generator.next() % 100_000)e\(Int(generator.next() % 60) - 30)"
            #expect(try Self.parse(text).doubleValue == Double(text))
        }
    }

    @Test func locatesOutermostValues() throws {
        let text = Array(#" {"x": {"model": 1}, "model" : "gpt" ,"messages":[{"model":"no"}], "é": -1.5e3 } "#.utf8)
        let located = try JSONText.locate(in: text)
        func slice(_ name: String) -> String? {
            located.range(ofMember: name).map { String(decoding: text[$0], as: UTF8.self) }
        }
        #expect(slice("model") == #""gpt""#)
        #expect(slice("x") == #"{"model": 1}"#)
        #expect(slice("messages") == #"[{"model":"no"}]"#)
        #expect(slice("é") == "-1.5e3")
        #expect(slice("none") == nil)
        #expect(try JSONText.rangeOfValue(named: "model", in: Array(#"[{"model":1}]"#.utf8)) == nil)
    }

    /// A vocabulary of 3.5 MB; the limit only ends what hangs.
    @Test(.timeLimit(.minutes(1))) func readsATokenizersVocabulary() throws {
        var text = "{\"model\":{\"vocab\":{"
        var generator = SeededGenerator(seed: 5)
        for index in 0..<100_000 {
            text += "\(index > 0 ? "," : "")\"\u{120}t\(generator.next() % 1_000_000_000)n\(index)\":\(index)"
        }
        text += "}}}"
        let bytes = Array(text.utf8)
        let value = try JSONValue(parsing: bytes)
        #expect(value["model"]?["vocab"]?.objectValue?.members.count == 100_000)
    }
}
