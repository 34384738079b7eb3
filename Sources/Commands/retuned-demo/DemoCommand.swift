import ArgumentParser

/// `retuned-demo`: a firm's application, its users and a receiver of webhooks, to watch the loop close once.
///
/// 1. `run` starts the daemon, a receiver of webhooks and a player, follows the loop over the public interface, prints a
///    time line and judges the end.
/// 2. `play` is the player, a process of its own: it knows the right answers, asks the gateway as an application would
///    and rates. It shares no file with the daemon; `run` tells it on its standard input what to play next.
/// 3. `recompute` works the looks of an experiment out again from what the daemon exports, in its own code.
/// 4. `crash` kills daemon and engine at random instants and sees from outside that nothing is lost.
/// 5. `generate` writes the project's own sample of traffic.
@main
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retuned-demo", abstract: "Plays users against the daemon and shows the loop closing.",
        subcommands: [
            RunCommand.self, PlayCommand.self, RecomputeCommand.self, CrashCommand.self, GenerateCommand.self,
        ],
        defaultSubcommand: RunCommand.self)
}
