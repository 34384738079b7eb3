import API
import ArgumentParser
import FoundationEssentials

struct ImpactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "impact", abstract: "The impact map: which parts of the model the traffic asks to change.")

    enum Colour: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions
    @Option(
        name: [.customLong("colour"), .customLong("color")],
        help: "Whether the map is in colour; auto: on a terminal, unless $NO_COLOR is set.")
    var colour = Colour.auto

    func run() async throws {
        let path = try await choice.path(connection.client())
        let isPlain = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        let inColour = colour == .always || (colour == .auto && Output.isTerminal && !isPlain)
        try await connection.show(ImpactView.self, at: "\(path)/impact") { Screen.impact($0, inColour: inColour) }
    }
}
