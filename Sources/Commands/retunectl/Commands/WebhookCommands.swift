import ArgumentParser

struct WebhookCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks", abstract: "Receivers of events, and what could not be delivered.",
        subcommands: [
            WebhookListCommand.self, WebhookDeadLettersCommand.self, WebhookTestCommand.self, WebhookResendCommand.self,
            WebhookEnableCommand.self,
        ])
}
