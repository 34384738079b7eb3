import API
import ArgumentParser

struct CycleCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End the cycle; a job under way is stopped.")

    @OptionGroup var action: ActionOptions
    @Argument(help: "The cycle; by default the one under way.")
    var cycle: String?

    func run() async throws {
        try await action.perform(.cancel, cycle: cycle, ofCycle: true)
    }
}
