import ArgumentParser
struct Root: ParsableCommand { static let configuration = CommandConfiguration(commandName: "retuned-engine", subcommands: [JobCommand.self]) }
Root.main()
