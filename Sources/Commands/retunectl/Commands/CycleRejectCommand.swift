import API
import ArgumentParser

struct CycleRejectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "End a cycle that waits for a person; its candidate is not used.")

    @OptionGroup var action: ActionOptions
    @Argument(help: "The cycle; by default the one under way.")
    var cycle: String?

    func run() async throws {
        try await action.perform(.reject, cycle: cycle, ofCycle: true)
    }
}
