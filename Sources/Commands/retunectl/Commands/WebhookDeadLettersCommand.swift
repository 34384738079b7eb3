import API
import ArgumentParser

struct WebhookDeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters", abstract: "Deliveries that were given up, and why.")

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.show(
            DeadLetterList.self, at: "/v1/webhooks/dead-letters", render: Screen.deadLetters)
    }
}
