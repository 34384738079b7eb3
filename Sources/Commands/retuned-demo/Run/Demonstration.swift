import Foundation
import Locking
import OutboundHTTP
import Values

/// The demonstration from the first query to the table; see `docs/demonstration.md`.
///
/// `+Start` starts the processes, `+Phases` plays the scenario, `+Table` prints and proves.
final class Demonstration: Sendable {
    let settings: DemoSettings
    let timeline = Timeline()
    let receiver = WebhookReceiver()
    let http = HTTPClient(configuration: .init(userAgent: "retuned-demo"))
    let children = Locked<[ChildCommand]>([])
    let live = Locked(Live())
    static let deployment = "support"

    /// What the player said last.
    struct Live: Sendable {
        var phases: [JSONValue] = []
        var state = ""
    }

    init(_ settings: DemoSettings) {
        self.settings = settings
    }

    /// Runs to the end; false where it did not end as expected.
    func run() async -> Bool {
        let folder = NSTemporaryDirectory() + "retuned-demo-\(getpid())"
        let interrupts = Interruptions { [children] in
            for child in children.value { kill(child.processIdentifier, SIGTERM) }
        }
        defer { interrupts.cancel() }
        var ended = Ending.invalid
        var isAsExpected = false
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let stage = try await start(folder)
            var result = Outcome()
            result.ended = try await play(stage, &result)
            try await table(stage, result)
            ended = result.ended
            if let invalid = result.invalid {
                timeline.plain("This run does not count: \(invalid).")
                ended = .invalid
            }
            let expected = settings.scenario.expected(
                isEasy: settings.isDefaultShift && settings.rate >= 0.3 && settings.correct >= 0.3,
                isLackingCorrections: settings.correct == 0)
            isAsExpected = expected.contains(ended)
            sayResult(ended)
            if settings.keeps { await keep(stage) }
        } catch {
            timeline.say("The demonstration failed: \(error)")
            for child in children.value where child.name == "the daemon" {
                timeline.plain("The daemon's log ends so:\n\(child.logTail)")
            }
            sayResult(.invalid)
        }
        for child in children.value.reversed() { await child.stop() }
        receiver.stop()
        http.close()
        if ended != .invalid, !settings.keeps { try? FileManager.default.removeItem(atPath: folder) }
        return isAsExpected
    }

    private func sayResult(_ ended: Ending) {
        let expected = settings.scenario.expected(
            isEasy: settings.isDefaultShift && settings.rate >= 0.3 && settings.correct >= 0.3,
            isLackingCorrections: settings.correct == 0)
        timeline.plain(
            "RESULT scenario=\(settings.scenario.rawValue) ended=\(ended.rawValue) expected="
                + expected.map(\.rawValue).joined(separator: "|"))
    }

    /// Leaves everything running until the person has seen enough.
    private func keep(_ stage: Stage) async {
        timeline.plain()
        timeline.plain("Everything goes on running; end it with Ctrl-C. Its files stay in \(stage.folder). Try:")
        let retunectl = "\(settings.binaries)/retunectl"
        for call in [
            "export RETUNED_SOCKET=\(stage.socket)", "\(retunectl) status", "\(retunectl) ab status",
            "\(retunectl) impact", "\(retunectl) drift", "\(retunectl) cycles list", "\(retunectl) adapters list",
            "curl -H 'Authorization: Bearer \(stage.token)' -H 'Content-Type: application/json' \\\n    -d '{\"model\": \"\(Self.deployment)\", \"user\": \"me\", \"messages\": [{\"role\": \"system\", \"content\": \"\(TrafficMessage.instruction)\"}, {\"role\": \"user\", \"content\": \"where is my card\"}], \"temperature\": 0}' \\\n    \(stage.address)/v1/chat/completions",
            "curl --unix-socket \(stage.socket) http://retuned/v1/deployments/\(Self.deployment)",
            "\(settings.binaries)/retuned-demo recompute --socket \(stage.socket)",
        ] { timeline.plain("  \(call)") }
        live.withLock { $0.state = "" }
        await stage.player.order(["do": "traffic", "mix": "shift", "hostile": 0])
        while children.value.first?.exitStatus == nil { try? await Task.sleep(for: .seconds(1)) }
    }
}

/// What came of a run.
struct Outcome: Sendable {
    var ended = Ending.invalid
    /// Why the run does not count.
    var invalid: String?
    var incumbent: String?
    var candidate: String?
    var history = JSONValue.null
    /// Test answers by label.
    var measured: [String: JSONValue] = [:]
    /// The cycles that were followed to their end.
    var cycles: [String] = []
}
