import ArgumentParser
import Foundation

/// `retuned-demo crash`
struct CrashCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crash",
        abstract: "Kill daemon and engine with SIGKILL at random instants, and see from outside that nothing is lost.",
        discussion: """
            Posts records, plays users and turns the loop; in each phase (ingest, training, experiment, promotion) it \
            waits for the phase's first event and kills at a random instant of the phase's length. What was answered \
            with 2xx is looked for by the export routes after every kill and at the end. Exit status 0 only where \
            nothing was lost, nothing counted twice, no state was impossible and the loop ended in a promotion.
            """)

    @Option(help: "Kills, about a quarter in each phase.")
    var kills = 200
    @Option(help: "Seed of everything that is drawn.")
    var seed: UInt64 = 1
    @Option(help: "The configuration; by default config/crash.yaml of the project.")
    var config: String?
    @Flag(help: "One turn of the loop that an operator begins and ends, with phases' usual lengths.")
    var short = false
    @Flag(help: "Leave the state folders where they are.")
    var keep = false

    func validate() throws {
        guard kills > 0 else { throw ValidationError("--kills must be positive") }
    }

    func run() async throws {
        let settings: CrashSettings
        do {
            settings = try CrashSettings(kills: kills, seed: seed, config: config, isShort: short, keeps: keep)
        } catch {
            throw ValidationError("\(error)")
        }
        if await CrashTest(settings).run() == false { throw ExitCode(1) }
    }
}
