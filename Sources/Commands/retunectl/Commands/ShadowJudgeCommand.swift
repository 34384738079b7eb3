import API
import ArgumentParser
import Values

struct ShadowJudgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge", abstract: "Judge one pair after another here.",
        discussion: "1: the first answer is better, 2: the second, =: both alike, s: skip, q: quit.")

    @OptionGroup var shadow: ShadowOptions
    @Option(name: .customLong("as"), help: "Your name as a judge; of each judge and pair the latest counts.")
    var judge: String

    func run() async throws {
        let client = try shadow.connection.client()
        let path = try await shadow.path(client)
        let bytes = try await client.send("GET", "\(path)/pairs?limit=10000&judge=\(ControlClient.escaped(judge))")
        let pairs = try bytes.split(separator: 0x0A).map {
            try ControlClient.decode(ShadowPairRow.self, Array($0))
        }
        guard pairs.allSatisfy({ $0.candidate == nil }) else {
            throw ControlFailure(.refused, "the shadow replay has ended; `shadow status` says how")
        }
        var judged = 0
        for (index, pair) in pairs.enumerated() {
            Output.write(Screen.pair(pair, place: "\(index + 1) of \(pairs.count)"))
            guard let preferred = Self.answer() else { break }
            guard case .some(let preferred) = preferred else { continue }
            let body = try StrictJSON.encodeBytes(PostedJudgement(pair: pair.pair, judge: judge, preferred: preferred))
            _ = try await client.send("POST", "\(path)/judgements", body: body)
            judged += 1
        }
        Output.write("\(Figures.counted(judged, "pair")) judged, \(pairs.count - judged) left")
    }

    /// What is typed: a preference, nil inside for a pair that is skipped, nil for the end.
    private static func answer() -> PostedJudgement.Preferred?? {
        while true {
            Output.write("1 first, 2 second, = alike, s skip, q quit:")
            guard let line = readLine() else { return nil }
            switch line.filter({ !$0.isWhitespace }) {
            case "1": return .some(.first)
            case "2": return .some(.second)
            case "=": return .some(.same)
            case "s": return .some(nil)
            case "q": return nil
            default: continue
            }
        }
    }
}
