import ArgumentParser
import Foundation
import OutboundHTTP
import Values

/// `retuned-demo recompute`
struct RecomputeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recompute",
        abstract:
            "Work every look of an experiment out again from the exported assignments, ratings and requests alone.")

    @Option(help: "The operators' Unix socket.")
    var socket = "/run/retuned/retuned.sock"
    @Option(help: "The deployment's name.")
    var deployment = "support"
    @Option(help: "The experiment; by default all of them.")
    var experiment: String?

    private static let mostProblems = 20

    func run() async throws {
        let http = HTTPClient(configuration: .init(userAgent: "retuned-demo"))
        defer { http.close() }
        let client = ServiceClient(http: http, base: "http://retuned", socket: socket)
        var experiments = experiment.map { [$0] } ?? []
        if experiment == nil {
            experiments =
                try await client.read("/v1/deployments/\(deployment)/experiments")?["experiments"]?.arrayValue?
                .compactMap { $0["id"]?.stringValue } ?? []
        }
        var isGood = !experiments.isEmpty
        for id in experiments {
            let check = try await Recomputation(
                client: client, deployment: deployment, experiment: id
            ).run()
            var lines = ["\(id): \(check.agreeing) of \(check.looks) looks agree"]
            if let explanation = check.explanation { lines.append("  \(explanation)") }
            lines += check.problems.prefix(Self.mostProblems).map { "  \($0)" }
            if check.problems.count > Self.mostProblems {
                lines.append("  … and \(check.problems.count - Self.mostProblems) more")
            }
            let text = lines.joined(separator: "\n") + "\n"
            FileHandle.standardOutput.write(Data(text.utf8))
            if check.agreeing != check.looks { isGood = false }
        }
        if !isGood { throw ExitCode(1) }
    }
}
