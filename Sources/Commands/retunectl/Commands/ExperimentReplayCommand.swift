import ArgumentParser
import Values

struct ExperimentReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Take a decided experiment again from its dossier, look by look.",
        discussion: """
            Reads what retunectl ab export wrote, and decides as the daemon decides. It asks no daemon. Exit status 7 \
            where a look or the decision comes out otherwise.
            """)

    @Argument(help: "The dossier's file, plain or gzip.", completion: .file())
    var dossier: String
    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() async throws {
        var replay = ExperimentReplay(try ExperimentDossier(path: dossier))
        let view = replay.run()
        if json {
            Output.write(try StrictJSON.encodeBytes(view))
        } else {
            Output.write(Screen.replay(view))
        }
        guard view.agrees else {
            throw ControlFailure(.badFile, "\(dossier): what is recorded does not come out again")
        }
    }
}
