import API
import ArgumentParser

struct TokenListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Every token, without its secret.")

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.show(TokenList.self, at: "/v1/tokens", render: Screen.tokens)
    }
}
