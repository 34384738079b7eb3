import API
import ArgumentParser
import Values

struct WebhookResendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resend", abstract: "Try dead letters again: those named, else all.")

    @OptionGroup var connection: ConnectionOptions
    @Option(help: "Only of this receiver.")
    var webhook: String?
    @Argument(help: "Ids of dead letters.")
    var ids: [String] = []

    func run() async throws {
        let request = WebhookResendRequest(webhook: webhook, ids: ids.isEmpty ? nil : ids)
        let body = try StrictJSON.encodeBytes(request)
        let answer = try await connection.client().send("POST", "/v1/webhooks/resend", body: body)
        try connection.show(WebhookQueued.self, answer) { Screen.queued($0, empty: "there is no dead letter to send") }
    }
}
