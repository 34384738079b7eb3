import ArgumentParser

struct ShadowCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow",
        abstract: "Both adapters' answers to the same logged queries, judged blind; nobody is exposed.",
        discussion: "A replay begins where a cycle that waits for approval is approved with `--as shadow`.",
        subcommands: [
            ShadowStatusCommand.self, ShadowPairsCommand.self, ShadowGradeCommand.self, ShadowJudgeCommand.self,
        ])
}
