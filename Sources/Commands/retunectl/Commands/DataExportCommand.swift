import API
import ArgumentParser
import Values

struct DataExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write what is kept to standard output, one JSON object a line.",
        discussion: """
            interactions, ratings: which records the log holds, in its order. With --experiment: assignments, or the \
            ratings and requests that its looks were made from. With --unit (scope erase): everything that is kept about a person.
            """)

    enum Kind: String, ExpressibleByArgument, CaseIterable { case interactions, ratings, requests, assignments, unit }

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions
    @Argument(help: "What to export.")
    var kind: Kind
    @Option(help: "The unit, as applications name it (with: unit).")
    var unit: String?
    @Option(help: "The experiment (with: assignments, ratings, requests).")
    var experiment: String?
    @Option(help: "Only what comes after this place in the log.")
    var after = 0

    func validate() throws {
        if kind == .unit, unit == nil { throw ValidationError("name the person with --unit") }
        if [.assignments, .requests].contains(kind), experiment == nil {
            throw ValidationError("name the experiment with --experiment")
        }
    }

    func run() async throws {
        let client = try connection.client()
        let path = try await choice.path(client)
        if let unit, kind == .unit {
            let body = try StrictJSON.encodeBytes(EraseRequest(unit: unit))
            Output.write(try await client.send("POST", "\(path)/units/export", body: body))
            return
        }
        let folder = experiment.map { "\(path)/experiments/\(ControlClient.escaped($0))" } ?? path
        try await client.pages(of: "\(folder)/\(kind.rawValue)", after: after) { Output.write($0) }
    }
}
