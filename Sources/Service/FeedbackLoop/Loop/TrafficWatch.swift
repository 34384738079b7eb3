import DriftDetection
import Settings
import Store
import Traffic
import Values

/// The detectors of one deployment, where they stand in the log, and the episode that they raised an alarm for.
struct TrafficWatch: Sendable {
    /// Everything that is kept, as one value.
    struct Memory: Codable, Equatable, Sendable {
        var queries: QueryDetector
        var ratings: RatingDetector
        /// First and newest time of the observed rows, to know the traffic's rate.
        var first: Timestamp?
        var newest: Timestamp?
        var queryCount = 0
        var ratingCount = 0
        /// Set from the alarm until a new reference begins.
        var episode: DriftEpisode?
        /// Those that have ended, the newest last.
        var earlier: [DriftEpisode] = []
        var generation = 0
        /// Newest query times, to put a time to an onset.
        var times: [Timestamp] = []
        /// The log's newest interaction when the reference began.
        var referenceFrom: Int64 = 0
    }

    private(set) var memory: Memory
    /// Everything up to here was observed.
    private(set) var position: LogPosition
    /// Where the kept state stands; it lags behind, since a restart observes the rest again to the same state.
    private(set) var keptPosition: LogPosition
    private let settings: DriftSettings
    private let falseAlarmSeconds: Double

    private static let name = "traffic"
    private static let version = 2
    private static let remembered = 2000
    /// Episodes that are shown; those that began a cycle stand in its dossier for ever.
    private static let rememberedEpisodes = 50
    /// Rows after which the state is kept though nothing happened.
    private static let keepEvery: Int64 = 2000

    /// The watch where it was left, or at the log's beginning.
    static func open(_ context: LoopContext, at now: Timestamp) async throws -> TrafficWatch {
        var watch = TrafficWatch(
            settings: context.deployment.drift,
            falseAlarmSeconds: context.settings.scaled(context.deployment.drift.falseAlarms.period)
                / context.deployment.drift.falseAlarms.count, seed: context.deployment.name)
        for record in try await context.store.detectors(deployment: context.deployment.name)
        where record.name == name && record.value.version == version {
            do {
                watch.memory = try StrictJSON.decode(Memory.self, parsing: record.value.bytes)
            } catch {
                throw LoopFault.damaged("the memory of the drift detectors", of: context.deployment.name, "\(error)")
            }
            watch.position = record.position
            watch.keptPosition = record.position
        }
        return watch
    }

    private init(settings: DriftSettings, falseAlarmSeconds: Double, seed: String) {
        self.settings = settings
        self.falseAlarmSeconds = falseAlarmSeconds
        // Shifted, so that it and what is added to it stay within what JSON holds.
        let seed = seed.utf8.reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) } >> 12
        memory = Memory(
            queries: QueryDetector(referenceCount: settings.referenceQueries, seed: seed),
            ratings: RatingDetector(referenceCount: max(50, settings.referenceQueries / 4), seed: seed &+ 11))
        position = .start
        keptPosition = .start
    }

    mutating func observe(_ row: StoredInteraction) {
        position.interactions = row.sequence
        let interaction = row.logged.interaction
        guard case .text(let text) = interaction.messages.last(where: { $0.role == "user" })?.content else { return }
        memory.queries.observe(.init(text: text, logProbability: interaction.logProbability))
        memory.queryCount += 1
        memory.first = min(memory.first ?? row.logged.received, row.logged.received)
        memory.newest = max(memory.newest ?? row.logged.received, row.logged.received)
        memory.times.append(interaction.time)
        if memory.times.count > Self.remembered { memory.times.removeFirst(memory.times.count - Self.remembered / 2) }
    }

    mutating func observe(_ row: StoredRating, scale: RatingScale?, position sequence: Int64) {
        position.ratings = sequence
        guard let scale, let score = scale.score(of: row.logged.rating.value) else { return }
        memory.ratings.observe(1 - score)
        memory.ratingCount += 1
        // Better ratings are no alarm but a new normal: their evidence must not stand for a later fall.
        if memory.ratings.logEvidence >= threshold.ratings, (memory.ratings.effect ?? 0) <= 0.5 {
            memory.ratings.startAnew()
        }
    }

    /// Observations that pass in the time of one allowed false alarm, from the rate so far.
    private func budget(_ count: Int) -> Double {
        guard let first = memory.first, let newest = memory.newest, newest > first else { return 1e6 }
        return Double(count) / newest.seconds(since: first) * falseAlarmSeconds
    }

    var threshold: (queries: Double, ratings: Double) {
        (
            AlarmThreshold.logarithm(observationsPerFalseAlarm: budget(memory.queryCount), detectors: 2),
            AlarmThreshold.logarithm(observationsPerFalseAlarm: budget(memory.ratingCount), detectors: 2)
        )
    }

    /// What the detectors say now, if it is an alarm and no episode is open.
    func alarm(at now: Timestamp) -> DriftEpisode? {
        guard memory.episode == nil else { return nil }
        let threshold = self.threshold
        if memory.queries.logEvidence >= threshold.queries {
            let times = memory.times
            let back = min(memory.queries.observationsSinceOnset, times.count)
            let onset = back > 0 ? times[times.count - back] : now
            let effect = memory.queries.effect
            return DriftEpisode(
                kind: .drift, since: now, onset: onset,
                reason:
                    "queries changed: \(memory.queries.strongest) (a recent query scores higher than a reference one with chance \(Self.rounded(effect ?? 0.5)))",
                effect: effect)
        }
        if memory.ratings.logEvidence >= threshold.ratings, (memory.ratings.effect ?? 0) > 0.5 {
            return DriftEpisode(
                kind: .ratings, since: now, onset: memory.times.suffix(500).first ?? now,
                reason: "ratings fell: bad ones became more frequent", effect: memory.ratings.effect)
        }
        return nil
    }

    private static func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

    mutating func open(_ episode: DriftEpisode) {
        memory.episode = episode
    }

    mutating func markHandled() {
        memory.episode?.isHandled = true
    }

    /// The traffic of now is the new normal.
    mutating func startAnew(at now: Timestamp) {
        if var episode = memory.episode {
            episode.ended = now
            memory.earlier.append(episode)
            memory.earlier.removeFirst(max(0, memory.earlier.count - Self.rememberedEpisodes))
        }
        memory.queries.startAnew()
        memory.ratings.startAnew()
        memory.queryCount = 0
        memory.ratingCount = 0
        memory.first = nil
        memory.newest = nil
        memory.episode = nil
        memory.generation += 1
        memory.referenceFrom = position.interactions
    }

    /// Whether so much was observed since the state was kept that it is worth keeping again.
    var isWorthKeeping: Bool {
        position.interactions - keptPosition.interactions + position.ratings - keptPosition.ratings >= Self.keepEvery
    }

    mutating func records(deployment: String) throws -> [DetectorRecord] {
        let bytes = try StrictJSON.encodeBytes(memory)
        keptPosition = position
        return [
            DetectorRecord(
                deployment: deployment, name: Self.name, value: VersionedValue(version: Self.version, bytes: bytes),
                position: position)
        ]
    }

    var view: DriftView {
        var view = DriftView()
        view.phase = memory.episode != nil ? "drifted" : memory.queries.isWatching ? "watching" : "learning"
        view.referenceQueries = min(memory.queries.learnt, settings.referenceQueries)
        view.queriesNeeded = settings.referenceQueries
        if memory.queries.isWatching {
            view.evidence = memory.queries.logEvidence
            view.threshold = threshold.queries
            view.effect = memory.queries.effect
        }
        view.episode = memory.episode
        view.earlier = memory.earlier.reversed()
        return view
    }
}
