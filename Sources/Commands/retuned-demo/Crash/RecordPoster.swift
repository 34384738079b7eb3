import Locking
import Values

/// Applications that post interactions and ratings, and send again what was not answered.
final class RecordPoster: Sendable {
    private struct State {
        var isRunning = true
        var pause = RecordPoster.slow
        var number = 0
        var answered = 0
        var mix = TrafficPools.Mix.reference
    }

    static let slow = 0.25
    static let fast = 0.01
    private static let clients = 4

    private let client: ServiceClient
    private let deployment: String
    private let prefix: String
    private let pools: TrafficPools
    private let seed: UInt64
    private let accepted: AcceptedRecords
    private let tally: CrashTally
    private let state = Locked(State())
    private let work = Locked<Task<Void, Never>?>(nil)

    /// - Parameter prefix: of the ids, which nobody else uses.
    init(
        client: ServiceClient, deployment: String, prefix: String, pools: TrafficPools, seed: UInt64,
        accepted: AcceptedRecords, tally: CrashTally
    ) {
        self.client = client
        self.deployment = deployment
        self.prefix = prefix
        self.pools = pools
        self.seed = seed
        self.accepted = accepted
        self.tally = tally
    }

    func start() {
        work.value = Task {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<Self.clients { group.addTask { await self.post(asClient: number) } }
            }
        }
    }

    /// Ends when every batch under way is answered.
    func stop() async {
        state.withLock { $0.isRunning = false }
        await work.value?.value
    }

    /// Seconds between two batches of a client.
    var pause: Double {
        get { state.withLock { $0.pause } }
        set { state.withLock { $0.pause = newValue } }
    }

    func follow(_ mix: TrafficPools.Mix) { state.withLock { $0.mix = mix } }

    /// Batches answered so far.
    var answered: Int { state.withLock { $0.answered } }

    private func post(asClient number: Int) async {
        var random = SeededRandom(seed, "\(prefix) \(number)")
        while state.withLock({ $0.isRunning }) {
            let ids = (0..<(1 + random.below(4))).map { _ in nextIdentifier() }
            let rows = ids.map { interaction($0, &random) }
            if await send(.interactions, ids, rows.map(\.posted), &random), random.share() < 0.5 {
                let ratings = ids.map { id in
                    Rating(id: "r-\(id)", interaction: id, time: WallClock.now(), isGood: true)
                        .posted(deployment: deployment)
                }
                _ = await send(.ratings, ids.map { "r-\($0)" }, ratings, &random)
            }
            try? await Task.sleep(for: .seconds(pause))
        }
    }

    private func nextIdentifier() -> String {
        state.withLock { state in
            state.number += 1
            return "\(prefix)-\(state.number)"
        }
    }

    private func interaction(_ id: String, _ random: inout SeededRandom) -> EarlierInteraction {
        EarlierInteraction(
            id: id, message: random.pick(pools.messages(state.withLock { $0.mix })), time: WallClock.now(),
            user: "application-\(random.below(200))", deployment: deployment, isInParts: true)
    }

    /// Sends a batch until it is answered; one unanswered batch in five is left. One answered in ten is sent again.
    ///
    /// - Returns: whether it was accepted.
    private func send(
        _ kind: AcceptedRecords.Kind, _ ids: [String], _ rows: [JSONValue], _ random: inout SeededRandom
    ) async -> Bool {
        let body = JSONValue.array(rows).serialized
        let (isLeft, isRepeated) = (random.share() < 0.2, random.share() < 0.1)
        var attempts = 0
        while true {
            attempts += 1
            guard let answer = await answer(kind, body) else {
                if isLeft {
                    accepted.abandon(kind, ids)
                    return false
                }
                try? await Task.sleep(for: .milliseconds(50))
                continue
            }
            // Refused for now: nothing was kept, and it is sent again.
            if answer.status == 503 { continue }
            guard (200..<300).contains(answer.status) else {
                tally.note([
                    CrashFault(.impossible, "POST \(kind.rawValue) was answered \(answer.status): \(answer.text)")
                ])
                return false
            }
            let kept = count(answer, of: ids, kind, isFirst: attempts == 1)
            accepted.accept(kind, ids, wasKept: kept)
            state.withLock { $0.answered += 1 }
            if isRepeated { await sendAgain(kind, ids, body) }
            return true
        }
    }

    private func answer(_ kind: AcceptedRecords.Kind, _ body: [UInt8]) async -> ServiceClient.Answer? {
        try? await client.call("POST", "/v1/\(kind.rawValue)", body: body, seconds: 20)
    }

    /// What an answer counts: all of a new batch, or all of one sent again as duplicates. True: it had been kept before.
    private func count(
        _ answer: ServiceClient.Answer, of ids: [String], _ kind: AcceptedRecords.Kind, isFirst: Bool
    ) -> Bool {
        let value = try? JSONValue(parsing: answer.body)
        let (new, known) = (value?["accepted"]?.intValue ?? 0, value?["duplicates"]?.intValue ?? 0)
        let isWhole = new == ids.count && known == 0 || new == 0 && known == ids.count && !isFirst
        if !isWhole {
            tally.note([
                CrashFault(
                    .impossible, "\(kind.rawValue): a batch of \(ids.count) (\(ids[0])…) was answered \(answer.text)")
            ])
        }
        return known == ids.count
    }

    private func sendAgain(_ kind: AcceptedRecords.Kind, _ ids: [String], _ body: [UInt8]) async {
        guard let answer = await answer(kind, body), answer.status == 200 else { return }
        accepted.countRepeat()
        let new = (try? JSONValue(parsing: answer.body))?["accepted"]?.intValue ?? 0
        if new > 0 {
            tally.note([
                CrashFault(.twice, "\(kind.rawValue): \(new) of \(ids.count) (\(ids[0])…) were counted a second time")
            ])
        }
    }
}
