import ArgumentParser

struct EngineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retuned-engine", abstract: "The built-in engine: serves a model and carries out jobs on it.",
        subcommands: [ServeCommand.self, JobCommand.self, PretrainCommand.self])
}
