import ArgumentParser
import Foundation

/// `retuned-demo run`: the demonstration. Everything may also be said by the variables of the same name in capitals, as
/// `make demo` does.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Watch the loop close once: start the daemon, play users, follow, judge.",
        discussion: """
            Variables: DATA, MODEL, ADAPTER, SHIFTS, NEXT, SEED, SCENARIO, RATE, CORRECT, HOSTILE, GATE=off, KEEP=1; an \
            option stands over its variable. Exit status 0 only where the end is an expected one.
            """)

    @Option(help: "The configuration; by default config/demo.yaml of the project.")
    var config: String?
    @Option(help: "steady, shift, harm or again.")
    var scenario: Scenario?
    @Option(help: "Seed of everything that is drawn.")
    var seed: UInt64?
    @Option(help: "Users.")
    var users = 400
    @Option(help: "Messages a second.")
    var pace: Double?
    @Option(help: "Messages of earlier weeks.")
    var history: Int?
    @Option(help: "Seconds of steady traffic before it moves; by default 20, in steady 120.")
    var steady: Double?
    @Option(help: "Seconds of traffic after the end, to see what users get now.")
    var tail = 10.0
    @Option(help: "Give up after so many seconds.")
    var limit = 1200.0

    func run() async throws {
        let settings: DemoSettings
        do {
            settings = try DemoSettings(self, environment: ProcessInfo.processInfo.environment)
        } catch {
            throw ValidationError("\(error)")
        }
        let isAsExpected = await Demonstration(settings).run()
        if !isAsExpected { throw ExitCode(1) }
    }
}
