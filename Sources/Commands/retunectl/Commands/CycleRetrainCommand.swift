import API
import ArgumentParser

struct CycleRetrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retrain", abstract: "Start a cycle now.")

    @OptionGroup var action: ActionOptions

    func run() async throws {
        try await action.perform(.retrain)
    }
}
