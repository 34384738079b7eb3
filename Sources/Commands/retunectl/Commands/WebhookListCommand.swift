import API
import ArgumentParser

struct WebhookListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Every receiver and how it does.")

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.show(WebhookList.self, at: "/v1/webhooks", render: Screen.webhooks)
    }
}
