import Foundation
import Testing
import Values

@Suite("DemoSample: the project's own traffic")
struct DemoSampleTests {
    private static func generate(_ folder: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ".build/release/retuned-demo")
        process.arguments = ["generate", "--folder", folder]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    private static func rows(_ path: String) throws -> [JSONValue] {
        try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 10).map { try JSONValue(parsing: Array($0)) }
    }

    @Test func isTheSameEveryTimeAndHasThirtySixIntents() throws {
        let folder = NSTemporaryDirectory() + "demo-sample-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Self.generate(folder + "/a")
        try Self.generate(folder + "/b")
        for name in ["desk-train", "desk-test", "travel-train", "travel-test", "loyalty-train", "loyalty-test"] {
            let first = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/a/\(name).jsonl"))
            #expect(try first == Data(contentsOf: URL(fileURLWithPath: "\(folder)/b/\(name).jsonl")))
        }
        let desk = try Self.rows(folder + "/a/desk-train.jsonl")
        let intents = Set(desk.compactMap { $0["intent"]?.stringValue })
        #expect(intents.count == 36)
        #expect(desk.count == 8000)
        // A shift says the same wishes in other words: it brings no answer that the base does not know.
        for domain in ["travel", "loyalty"] {
            let answers = Set(
                try Self.rows("\(folder)/a/\(domain)-train.jsonl").compactMap { $0["intent"]?.stringValue })
            #expect(answers.isSubset(of: intents))
        }
        let german = desk.count { ($0["query"]?.stringValue ?? "").contains("eine ") }
        #expect(german > 500)
    }
}
