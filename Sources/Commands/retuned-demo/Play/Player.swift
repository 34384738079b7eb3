import Foundation
import Locking
import OutboundHTTP
import Values

/// The users: asks, compares, rates, and keeps its own list of what was accepted.
///
/// `Player+Traffic` plays live messages through the gateway, `Player+History` posts earlier weeks, `Player+Measure` asks
/// test messages of an engine directly.
final class Player: Sendable {
    struct Settings: Sendable {
        var deployment: String
        var users: Int
        var rate: Double
        var correct: Double
        var pace: Double
        var seed: UInt64
    }

    let client: ServiceClient
    let http: HTTPClient
    let settings: Settings
    let pools: TrafficPools
    let rater: Rater
    let state: Locked<State>

    struct State: Sendable {
        var mix = TrafficPools.Mix.reference
        var hostile = 0.0
        var isPlaying = false
        var phase = Tally()
        var phaseStart = WallClock.seconds
        /// Next message of each pool.
        var positions: [TrafficPools.Mix: Int] = [:]
        /// Messages so far, over all pools.
        var number = 0
        /// Time of the next message.
        var due = 0.0
        var waiting: [(due: Double, rating: Rating, isRepeat: Bool)] = []
        var acceptedInteractions: [String] = []
        var acceptedRatings: [String] = []
    }

    init(client: ServiceClient, http: HTTPClient, settings: Settings, pools: TrafficPools) {
        self.client = client
        self.http = http
        self.settings = settings
        self.pools = pools
        rater = Rater(rate: settings.rate, correct: settings.correct, seed: settings.seed, intents: pools.intents)
        state = Locked(State())
    }

    private let output = Locked<Void>(())
    private let work = Locked<Task<Void, Never>?>(nil)

    /// Writes an event.
    func say(_ event: String, _ fields: [String: JSONValue] = [:]) {
        var object = JSONObject([.init(name: "event", value: .string(event))])
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { object[name] = value }
        let line = Data(JSONValue.object(object).serialized + [10])
        output.withLock { _ in FileHandle.standardOutput.write(line) }
    }

    /// Carries out an order. False: the last one.
    func carryOut(_ order: JSONValue) async throws -> Bool {
        func text(_ name: String) throws -> String {
            guard let text = order[name]?.stringValue else { throw DemoFailure("the order names no \(name)") }
            return text
        }
        switch order["do"]?.stringValue {
        case "history":
            try await history(
                count: order["count"]?.intValue ?? 0, engine: try text("engine"), model: try text("model"),
                adapter: try text("adapter"), seconds: order["seconds"]?.doubleValue ?? 120)
        case "measure":
            try await measure(engine: try text("engine"), model: try text("model"), label: try text("label"))
        case "traffic":
            guard let mix = TrafficPools.Mix(rawValue: try text("mix")) else { throw DemoFailure("no such mix") }
            play(mix, hostile: order["hostile"]?.doubleValue ?? 0)
        case "stop": await stop()
        case "accepted": sayAccepted()
        case "quit":
            await stop()
            return false
        default: throw DemoFailure("no such order")
        }
        return true
    }

    private func play(_ mix: TrafficPools.Mix, hostile: Double) {
        let (report, begins) = state.withLock { state in
            let report = state.isPlaying && state.mix != mix ? phaseReport(state) : nil
            let begins = !state.isPlaying
            if state.mix != mix || begins {
                state.phase = Tally()
                state.phaseStart = WallClock.seconds
            }
            state.mix = mix
            state.hostile = hostile
            state.isPlaying = true
            if begins { state.due = WallClock.seconds }
            return (report, begins)
        }
        if let report { say("phase", report) }
        if begins {
            let task = Task { await playTraffic() }
            work.withLock { $0 = task }
        }
    }

    private func stop() async {
        let task = state.withLock { state -> Task<Void, Never>? in
            state.isPlaying = false
            return work.withLock { $0.take() }
        }
        guard let task else { return }
        await task.value
        say("phase", state.withLock { phaseReport($0) })
        say("stopped")
    }

    func phaseReport(_ state: State) -> [String: JSONValue] {
        var report = state.phase.value
        report["mix"] = .string(state.mix.rawValue)
        report["seconds"] = .number(WallClock.seconds - state.phaseStart)
        return report
    }

    private func sayAccepted() {
        let (interactions, ratings) = state.withLock { ($0.acceptedInteractions, $0.acceptedRatings) }
        say(
            "accepted",
            [
                "interactions": .array(interactions.map(JSONValue.string)),
                "ratings": .array(ratings.map(JSONValue.string)),
            ])
    }

    func user(_ number: Int) -> Int {
        var random = SeededRandom(settings.seed, "user of \(number)")
        return random.below(settings.users)
    }

    static func request(_ model: String, _ message: TrafficMessage, user: String? = nil) -> [UInt8] {
        var object = JSONObject([
            .init(name: "model", value: .string(model)),
            .init(
                name: "messages",
                value: [
                    ["role": "system", "content": .string(TrafficMessage.instruction)],
                    ["role": "user", "content": .string(message.query)],
                ]),
            .init(name: "temperature", value: 0), .init(name: "max_tokens", value: 24),
        ])
        if let user { object["user"] = .string(user) }
        return JSONValue.object(object).serialized
    }

    static func text(of answer: JSONValue) -> String? {
        answer["choices"]?.arrayValue?.first?["message"]?["content"]?.stringValue
    }
}
