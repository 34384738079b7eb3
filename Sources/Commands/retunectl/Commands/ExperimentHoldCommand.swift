import API
import ArgumentParser

struct ExperimentHoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Hold the ramp of the experiment where it is: ratings count, harm stops it, nothing else is decided."
    )

    @OptionGroup var action: ActionOptions
    @Argument(help: "The cycle; by default the one under way.")
    var cycle: String?

    func run() async throws {
        try await action.perform(.holdRamp, cycle: cycle, ofCycle: true)
    }
}
