import API
import ArgumentParser
import Values

struct ExperimentExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write an experiment's dossier to standard output: all that its looks were made from.",
        discussion: """
            One JSON object a line: the experiment with its design and looks, then who is in which arm, when newcomers \
            came to rate, how difficult first queries are, the ratings and the requests, under pseudonyms and without texts. retunectl ab replay takes the decision again from it.
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions
    @Argument(help: "The experiment.")
    var experiment: String

    func run() async throws {
        let client = try connection.client()
        let path = "\(try await choice.path(client))/experiments/\(ControlClient.escaped(experiment))"
        let view = try await client.decoded(ExperimentView.self, path)
        try write(DossierLine(format: DossierLine.currentFormat, experiment: view))
        try await rows(client, "\(path)/assignments") { DossierLine(assignment: $0) }
        if view.design.burstLimits != nil {
            try await rows(client, "\(path)/newcomers") { DossierLine(newcomer: $0) }
        }
        if view.design.difficulty == true {
            try await rows(client, "\(path)/difficulties") { DossierLine(difficulty: $0) }
        }
        try await rows(client, "\(path)/ratings") { DossierLine(rating: $0) }
        try await rows(client, "\(path)/requests") { DossierLine(request: $0) }
    }

    private func rows<Row: Decodable>(
        _ client: ControlClient, _ path: String, _ line: (Row) -> DossierLine
    ) async throws {
        try await client.pages(of: path) { page in
            for row in page.split(separator: UInt8(ascii: "\n")) {
                try write(line(try ControlClient.decode(Row.self, Array(row))))
            }
        }
    }

    private func write(_ line: DossierLine) throws {
        Output.write(try StrictJSON.encodeBytes(line))
    }
}
