import API
import ArgumentParser
import Values

struct WebhookEnableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Send to a receiver again that has disabled itself (410), and what waits for it at once.")

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The receiver's name.")
    var webhook: String

    func run() async throws {
        let body = try StrictJSON.encodeBytes(WebhookRequest(webhook: webhook))
        let answer = try await connection.client().send("POST", "/v1/webhooks/enable", body: body)
        try connection.show(WebhookQueued.self, answer) { Screen.queued($0, empty: "enabled; nothing waited for it") }
    }
}
