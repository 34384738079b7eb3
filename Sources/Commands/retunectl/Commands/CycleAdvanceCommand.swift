import API
import ArgumentParser

struct CycleAdvanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "advance", abstract: "Go to the next step of the experiment's ramp.")

    @OptionGroup var action: ActionOptions
    @Argument(help: "The cycle; by default the one under way.")
    var cycle: String?

    func run() async throws {
        try await action.perform(.advance, cycle: cycle, ofCycle: true)
    }
}
