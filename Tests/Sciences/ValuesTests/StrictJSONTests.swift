import Testing
import Values

@Suite("Strict JSON coders") struct StrictJSONTests {
    enum Colour: String, Codable, CaseIterable { case red, green }

    struct Item: Codable, Equatable {
        var role: String
        var weight: Double?
    }

    struct Whole: Codable, Equatable {
        var name: String
        var count: Int
        var seed: UInt64 = 7
        var small: Int8?
        var rate: Double
        var single: Float = 0.1
        var flag: Bool?
        var colour: Colour
        var items: [Item]
        var counts: [String: Int]
        var nested: [String: [Item?]]?
        var open: JSONValue?
        var time: Timestamp
        var range: [[Int]] = []
    }

    enum Choice: Codable, Equatable {
        case one(size: Int)
        case two(String)
    }

    static let whole = Whole(
        name: "n", count: 3, rate: 0.25, colour: .green, items: [Item(role: "user"), Item(role: "a", weight: 2)],
        counts: ["z": 1, "a": 2], nested: ["k": [nil, Item(role: "x")]], open: ["any": [1, nil, 2.5]],
        time: Timestamp(milliseconds: 1_000), range: [[1, 2]])

    static func failure<T: Decodable>(_ type: T.Type, _ value: JSONValue) -> StrictJSONError? {
        do {
            _ = try StrictJSON.decode(type, from: value)
            return nil
        } catch {
            return error
        }
    }

    @Test func roundTrips() throws {
        let value = try StrictJSON.encode(Self.whole)
        #expect(
            value.text
                == #"{"name":"n","count":3,"seed":7,"rate":0.25,"single":0.1,"colour":"green","items":[{"role":"user"},{"role":"a","weight":2}],"counts":{"a":2,"z":1},"nested":{"k":[null,{"role":"x"}]},"open":{"any":[1,null,2.5]},"time":"1970-01-01T00:00:01.000Z","range":[[1,2]]}"#
        )
        #expect(try StrictJSON.decode(Whole.self, from: value) == Self.whole)
        #expect(try StrictJSON.decode(Whole.self, parsing: StrictJSON.encodeBytes(Self.whole)) == Self.whole)
        for choice in [Choice.one(size: 4), .two("x")] {
            #expect(try StrictJSON.decode(Choice.self, from: StrictJSON.encode(choice)) == choice)
        }
    }

    @Test func scalarsAtTheTop() throws {
        #expect(try StrictJSON.decode(Int.self, from: 4) == 4)
        #expect(try StrictJSON.decode([Colour].self, from: ["red"]) == [.red])
        #expect(try StrictJSON.decode(String?.self, from: .null) == nil)
        #expect(try StrictJSON.encode([1.0, -0.5, 1e300]) == [1, -0.5, 1e300])
        #expect(try StrictJSON.encode(Colour.red) == "red")
        #expect(try StrictJSON.encode([String: Int]()) == [:])
        #expect(try StrictJSON.encode([Int]()) == [])
    }

    @Test func namesThePathOfAnError() throws {
        let value = try StrictJSON.encode(Self.whole)
        func changed(_ change: (inout JSONObject) -> Void) -> StrictJSONError? {
            var object = value.objectValue!
            change(&object)
            return Self.failure(Whole.self, .object(object))
        }
        #expect(changed { $0["count"] = nil } == StrictJSONError(path: "count", kind: .missing, reason: "is missing"))
        #expect(
            changed { $0["items"] = [["role": "x"], ["role": 3]] }
                == StrictJSONError(path: "items[1].role", kind: .wrongType, reason: "must be a string, but is a number")
        )
        #expect(
            changed { $0["items"] = [["role": "x", "wieght": 1]] }
                == StrictJSONError(path: "items[0].wieght", kind: .unknownField, reason: "is not known here"))
        #expect(changed { $0["extra"] = 1 }?.path == "extra")
        #expect(changed { $0["nested"] = ["k": [["role": "x", "y": 1]]] }?.path == "nested.k[0].y")
        #expect(changed { $0["counts"] = ["q": "1"] }?.path == "counts.q")
        #expect(
            changed { $0["colour"] = "blue" }
                == StrictJSONError(
                    path: "colour", kind: .invalid, reason: #"is "blue", but must be one of red, green"#))
        #expect(changed { $0["time"] = "yesterday" }?.description.contains("The field time is not a time") == true)
        #expect(changed { $0["small"] = 200 }?.kind == .invalid)
        #expect(changed { $0["count"] = 2.5 }?.reason == "must be an integer")
        #expect(changed { $0["count"] = .number(2) } == nil)
        #expect(changed { $0["flag"] = .null } == nil)
        #expect(Self.failure(Whole.self, [])?.description == "The value must be an object, but is an array.")
    }

    @Test func ignoresUnknownFieldsWhenAsked() throws {
        let value: JSONValue = ["role": "x", "more": ["a": 1]]
        #expect(try StrictJSON.decode(Item.self, from: value, ignoringUnknownFields: true) == Item(role: "x"))
        #expect(Self.failure(Item.self, value)?.kind == .unknownField)
    }

    @Test func refusesWhatJSONCannotHold() {
        #expect(throws: StrictJSONError.self) { try StrictJSON.encode([Double.nan]) }
        #expect(throws: StrictJSONError.self) { try StrictJSON.encode(["a": Double.infinity]) }
        #expect(throws: StrictJSONError.self) { try StrictJSON.encode(UInt64.max) }
    }

    @Test func longDictionariesAreReadInLinearTime() throws {
        let counts = Dictionary(uniqueKeysWithValues: (0..<50_000).map { ("k\($0)", $0) })
        let value = JSONValue.object(
            JSONObject(counts.map { JSONObject.Member(name: $0.key, value: .integer(Int64($0.value))) }))
        #expect(try StrictJSON.decode([String: Int].self, from: value) == counts)
    }

    @Test func accessors() {
        var object = JSONObject()
        object["a"] = 1
        object["b"] = "x"
        object["a"] = 2.5
        #expect(JSONValue.object(object) == ["a": 2.5, "b": "x"])
        object["a"] = nil
        let value = JSONValue.object(object)
        #expect(value["b"]?.stringValue == "x" && value["a"] == nil && value[""] == nil)
        #expect(JSONValue.number(3).intValue == 3 && JSONValue.number(3.5).intValue == nil)
        #expect(JSONValue.integer(3).doubleValue == 3 && JSONValue.bool(true).boolValue == true)
        #expect(JSONValue.array([1]).arrayValue == [1] && JSONValue.null.isNull)
    }
}
