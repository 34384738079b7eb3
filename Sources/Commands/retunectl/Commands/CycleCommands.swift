import ArgumentParser

struct CycleCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cycles", abstract: "The loop's turns.",
        subcommands: [
            CycleListCommand.self, CycleShowCommand.self, CycleRetrainCommand.self, CycleApproveCommand.self,
            CycleRejectCommand.self, CycleAdvanceCommand.self, CycleCancelCommand.self,
        ])
}
