import ArgumentParser
import DurableFiles
import FeedbackLoop
import Foundation
import Glibc
import Settings
import Store
import Traffic

/// `retuned`: the daemon.
@main
struct DaemonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retuned",
        abstract: "Keeps a self-hosted language model good at the job it is actually given.",
        discussion: "Configuration and operation: docs/configuration.md, docs/operating.md. Operate it with retunectl.")

    @Option(name: .long, help: "The configuration file.")
    var config = "/etc/retuned/retuned.yaml"

    func run() async throws {
        let settings: Settings
        do {
            settings = try SettingsFile.read(config)
        } catch {
            FileHandle.standardError.write(Data("retuned: \(error)\n".utf8))
            throw ExitCode(78)
        }
        do {
            try await Daemon(settings: settings, configurationPath: config).run()
        } catch {
            FileHandle.standardError.write(Data("retuned: \(error)\n".utf8))
            // Keys that are wrong and a state that is damaged stay so: starting again does not help.
            if error is PseudonymKeyError || error is LoopFault || error is SettingsError { throw ExitCode(78) }
            throw ExitCode((error as? StoreError)?.isLasting == true ? 78 : 70)
        }
    }
}
