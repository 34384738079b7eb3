import API
import ArgumentParser

struct CycleApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Let a cycle that waits for a person go on.")

    @OptionGroup var action: ActionOptions
    @Argument(help: "The cycle; by default the one under way.")
    var cycle: String?

    func run() async throws {
        try await action.perform(.approve, cycle: cycle, ofCycle: true)
    }
}
