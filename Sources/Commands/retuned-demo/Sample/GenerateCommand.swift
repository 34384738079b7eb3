import ArgumentParser
import Foundation
import Values

/// `retuned-demo generate`
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Write the project's own sample of traffic as JSON Lines.",
        discussion: "Samples/README.md says how it is made. The same words every time.")

    @Option(help: "The folder to write to; it gets DOMAIN-train.jsonl and DOMAIN-test.jsonl.")
    var folder: String

    func run() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for domain in SampleTraffic.referenceDomains + SampleTraffic.shiftDomains {
            for split in [TrafficSource.Split.train, .test] {
                let messages = try SampleTraffic.messages(
                    domain, split, count: split == .train ? SampleTraffic.taught : nil)
                let lines = messages.map { message in
                    let value: JSONValue = [
                        "query": .string(message.query), "intent": .string(message.answer),
                        "domain": .string(message.domain),
                    ]
                    return value.text + "\n"
                }
                try Data(lines.joined().utf8).write(
                    to: URL(fileURLWithPath: "\(folder)/\(domain)-\(split.rawValue).jsonl"))
            }
        }
    }
}
