import API
import ArgumentParser

struct ShadowStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "How many pairs are answered and judged, and what they say so far.")

    @OptionGroup var shadow: ShadowOptions

    func run() async throws {
        let path = try await shadow.path(shadow.connection.client())
        try await shadow.connection.show(ShadowView.self, at: path, render: Screen.shadow)
    }
}
