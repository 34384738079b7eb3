import API
import ArgumentParser

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let the loop go on.")

    @OptionGroup var action: ActionOptions

    func run() async throws {
        try await action.perform(.resume)
    }
}
