import ArgumentParser

struct ShadowPairsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pairs", abstract: "Write pairs to standard output, one JSON object a line, for a grader.",
        discussion: "The order of `first` and `second` does not say which is the candidate's.")

    @OptionGroup var shadow: ShadowOptions
    @Option(help: "Only pairs that this judge has not judged.")
    var judge: String?
    @Option(help: "Most pairs.")
    var limit = 10_000

    func run() async throws {
        let client = try shadow.connection.client()
        var path = try await shadow.path(client) + "/pairs?limit=\(max(0, limit))"
        if let judge { path += "&judge=\(ControlClient.escaped(judge))" }
        Output.write(try await client.send("GET", path))
    }
}
