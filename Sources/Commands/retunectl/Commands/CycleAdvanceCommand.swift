import API
import ArgumentParser

struct CycleAdvanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "advance", abstract: "Go to the next step of the experiment's ramp, or to a later one.")

    @OptionGroup var action: ActionOptions
    @Argument(help: "The cycle; by default the one under way.")
    var cycle: String?

    @Option(help: "The step to go to, from 1; by default the next one.")
    var step: Int?

    func run() async throws {
        try await action.perform(.advance, cycle: cycle, step: step, ofCycle: true)
    }
}
