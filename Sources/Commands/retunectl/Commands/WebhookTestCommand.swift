import API
import ArgumentParser
import Values

struct WebhookTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Send a receiver a test event.")

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The receiver's name.")
    var webhook: String

    func run() async throws {
        let body = try StrictJSON.encodeBytes(WebhookRequest(webhook: webhook))
        let answer = try await connection.client().send("POST", "/v1/webhooks/test", body: body)
        try connection.show(WebhookQueued.self, answer) { _ in "\(webhook) has accepted a signed test event" }
    }
}
