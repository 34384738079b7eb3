import ArgumentParser

struct ExperimentCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ab", abstract: "The A/B test of a candidate against what serves.",
        subcommands: [
            ExperimentStatusCommand.self, ExperimentListCommand.self, ExperimentPlanCommand.self,
            ExperimentSimulateCommand.self, ExperimentExportCommand.self, ExperimentReplayCommand.self,
            ExperimentHoldCommand.self, ExperimentReleaseCommand.self, CycleAdvanceCommand.self,
            CycleApproveCommand.self,
        ])
}
