import API
import ArgumentParser

struct ExperimentReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Let a ramp that is held go on."
    )

    @OptionGroup var action: ActionOptions
    @Argument(help: "The cycle; by default the one under way.")
    var cycle: String?

    func run() async throws {
        try await action.perform(.releaseRamp, cycle: cycle, ofCycle: true)
    }
}
