import Foundation
import Glibc
import Locking
import Values

/// One state folder, from the first start of its daemon to the last look at its log.
///
/// `+Start` sets the stage, `+Turns` turns the loop, `+Strikes` kills, `+Checks` looks from outside.
final class CrashLife: Sendable {
    let test: CrashTest
    let number: Int
    let folder: String
    let accepted = AcceptedRecords()
    let receiver = WebhookReceiver()
    let parts = Locked(Parts())
    let memory: Locked<Memory>
    static let deployment = "support"
    static let path = "/v1/deployments/support"

    /// What runs.
    struct Parts: Sendable {
        var keeper: DaemonKeeper?
        var poster: RecordPoster?
        var player: PlayerLink?
        var playerProcess: ChildCommand?
        var applications: ServiceClient?
    }

    /// What the verifier remembers.
    struct Memory: Sendable {
        var mirrors = AcceptedRecords.Kind.allCases.map { LogMirror($0) }
        /// Arms that units were told, by experiment.
        var arms: [String: [String: String]] = [:]
        var rollbacks = 0
        var actions = 0
        var training = TrainingSteps()
        var sums = CrashSums()
    }

    let operators: ServiceClient
    private let began = WallClock.seconds

    init(_ test: CrashTest, number: Int, folder: String) {
        self.test = test
        self.number = number
        self.folder = folder
        memory = Locked(Memory())
        operators = ServiceClient(http: test.http, base: "http://retuned", socket: "\(folder)/retuned.sock")
    }

    var tally: CrashTally { test.tally }
    var timeline: Timeline { test.timeline }
    var sums: CrashSums { memory.withLock { $0.sums } }

    func keeper() throws -> DaemonKeeper {
        guard let keeper = parts.withLock({ $0.keeper }) else { throw DemoFailure("there is no daemon yet") }
        return keeper
    }

    func poster() throws -> RecordPoster {
        guard let poster = parts.withLock({ $0.poster }) else { throw DemoFailure("nothing is posted yet") }
        return poster
    }

    func applications() throws -> ServiceClient {
        guard let client = parts.withLock({ $0.applications }) else { throw DemoFailure("there is no token yet") }
        return client
    }

    /// Turns the loop until `isEnough` or the time of a life is over; returns how the last turn ended.
    func run(isEnough: () -> Bool) async throws -> String {
        try await start()
        timeline.say("life \(number): the daemon serves; records of earlier weeks are kept")
        if test.settings.isShort {
            try await operatorsTurn(isDecidedByOperator: true)
        } else {
            try await driftsTurn()
            while !isEnough(), WallClock.seconds - began < CrashSettings.lifeSeconds {
                try await rollBack()
                try await ingestStrikes()
                try await operatorsTurn(isDecidedByOperator: true)
            }
            try await lastTurn()
        }
        try await ingestStrikes()
        return try await lastLook()
    }

    /// A turn whose experiment decides. A job that is killed three times before its first checkpoint counts as stuck, and
    /// ends its turn; then there is another.
    private func lastTurn() async throws {
        for _ in 0..<3 {
            try await rollBack()
            try await operatorsTurn(isDecidedByOperator: false)
            if try await operators.read(Self.path)?["serving"]?["adapter"]?.stringValue != nil { return }
        }
    }

    /// Ends everything that runs.
    func end() async {
        let parts = self.parts.value
        await parts.poster?.stop()
        await parts.playerProcess?.stop(seconds: 2)
        await parts.keeper?.stop()
        receiver.stop()
        memory.withLock { $0.sums.readySeconds = parts.keeper?.readySeconds ?? [] }
    }

    /// For an interruption: everything at once.
    func killChildren() {
        let parts = self.parts.value
        for process in [parts.playerProcess?.processIdentifier, parts.keeper?.process(.daemon)].compactMap(\.self) {
            Glibc.kill(process, SIGTERM)
        }
    }

    var lastWords: String { parts.withLock { $0.keeper?.lastWords } ?? "" }
}
