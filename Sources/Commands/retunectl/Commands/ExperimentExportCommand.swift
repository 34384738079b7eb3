import API
import ArgumentParser
import OutboundHTTP
import Values

struct ExperimentExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write an experiment's dossier to standard output: all that its looks were made from.",
        discussion: """
            One JSON object a line: the experiment with its design and looks, then who is in which arm, the ratings and \
            the requests, under pseudonyms and without texts. retunectl ab replay takes the decision again from it.
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
        try await rows(client, "\(path)/ratings") { DossierLine(rating: $0) }
        try await rows(client, "\(path)/requests") { DossierLine(request: $0) }
    }

    private func rows<Row: Decodable>(
        _ client: ControlClient, _ path: String, _ line: (Row) -> DossierLine
    ) async throws {
        var place = 0
        while true {
            let answer = try await client.exchange(
                "GET", "\(path)?after=\(place)&limit=1000", body: [], contentType: "application/json")
            guard answer.status == 200 else { throw ControlFailure(status: answer.status, body: answer.body) }
            for row in answer.body.split(separator: UInt8(ascii: "\n")) {
                try write(line(try ControlClient.decode(Row.self, Array(row))))
            }
            guard let next = answer.headers["retuned-next"].flatMap({ Int($0) }), next > place else { return }
            place = next
        }
    }

    private func write(_ line: DossierLine) throws {
        Output.write(try StrictJSON.encodeBytes(line))
    }
}
