import API
import ArgumentParser

struct TokenRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "End a token at once.")

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The token's id, as the list shows it.")
    var token: String

    func run() async throws {
        let answer = try await connection.client().send("DELETE", "/v1/tokens/\(ControlClient.escaped(token))")
        try connection.show(TokenView.self, answer) { "token \($0.id) (\($0.name)) is revoked" }
    }
}
