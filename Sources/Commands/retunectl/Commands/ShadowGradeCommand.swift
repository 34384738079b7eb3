import API
import ArgumentParser
import Values

struct ShadowGradeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grade", abstract: "Send a grader's judgements, one JSON object a line.",
        discussion: """
            {"pair": 7, "judge": "rubric", "preferred": "first"} (or "second", "same"), or with a score of each answer \
            {"pair": 7, "judge": "rubric", "first": 0.8, "second": 0.3}. A batch is kept whole or not at all.
            """)

    @OptionGroup var shadow: ShadowOptions
    @Argument(help: "The file; gzip is read too.")
    var file: String
    @Option(help: "Judgements in a batch.")
    var batch = 500

    func validate() throws {
        guard batch >= 1 else { throw ValidationError("--batch has to be 1 or more") }
    }

    func run() async throws {
        let client = try shadow.connection.client()
        let path = try await shadow.path(client) + "/judgements"
        let lines = try RecordLines(path: file)
        var accepted = 0
        while true {
            var bodies: [[UInt8]] = []
            var first = 0
            while bodies.count < batch, let line = try lines.next() {
                if bodies.isEmpty { first = line.number }
                guard (try? JSONValue(parsing: line.bytes)) != nil else {
                    throw ControlFailure(
                        .badFile, "\(file), line \(line.number) is no JSON" + Self.kept(accepted, before: first))
                }
                bodies.append(line.bytes)
            }
            guard !bodies.isEmpty else { break }
            do {
                let answer = try await client.send(
                    "POST", path, body: Array(bodies.joined(separator: [0x0A])), contentType: "application/x-ndjson")
                accepted += try ControlClient.decode(JudgementAnswer.self, answer).accepted
            } catch {
                var failure = error
                failure.description += Self.kept(accepted, before: first)
                throw failure
            }
        }
        Output.write("\(Figures.counted(accepted, "judgement")) kept")
    }

    private static func kept(_ accepted: Int, before line: Int) -> String {
        "; so far \(Figures.counted(accepted, "judgement")) kept, the batch from line \(line) on is not"
    }
}
