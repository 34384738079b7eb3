import API
import ArgumentParser

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract:
            "Hold the loop: serving and logging go on, nothing is begun or decided; an experiment still stops for harm."
    )

    @OptionGroup var action: ActionOptions

    func run() async throws {
        try await action.perform(.pause)
    }
}
