import Locking
import Values

extension CrashLife {
    /// The cycle that began last, as the operators' route shows it.
    struct CycleNow: Sendable {
        var id: String
        var steps: [(state: String, time: Timestamp)]
        var hasEnded: Bool
        var adapter: String?

        var state: String { steps.last?.state ?? "" }

        init?(_ value: JSONValue) {
            guard let id = value["id"]?.stringValue else { return nil }
            self.id = id
            steps = (value["steps"]?.arrayValue ?? []).compactMap { step in
                guard let state = step["state"]?.stringValue,
                    let time = step["time"]?.stringValue.flatMap(Timestamp.init)
                else { return nil }
                return (state, time)
            }
            hasEnded = value["ended"]?.stringValue != nil
            adapter = value["adapter"]?.stringValue
        }

        /// What it was doing at a time.
        func state(at time: Timestamp) -> String { steps.last { $0.time <= time }?.state ?? "" }

        /// When it came into a state first.
        func start(of state: String) -> Timestamp? { steps.first { $0.state == state }?.time }
    }

    func cycles() async throws -> [CycleNow] {
        (try await operators.read(Self.path + "/cycles")?["cycles"]?.arrayValue ?? []).compactMap(CycleNow.init)
            .sorted { ($0.steps.first?.time.milliseconds ?? 0) < ($1.steps.first?.time.milliseconds ?? 0) }
    }

    func cycle(_ id: String) async throws -> CycleNow {
        guard let view = try await operators.read(Self.path + "/cycles/\(id)"), let cycle = CycleNow(view) else {
            throw DemoFailure("the cycle \(id) is not there any more")
        }
        return cycle
    }

    /// Which phase a cycle is in while it is in a state.
    static func phase(of state: String) -> CrashPhase? {
        switch state {
        case "estimating", "training", "gating": .training
        case "experimenting": .experiment
        default: nil
        }
    }

    /// Moments in a phase's own time, in ascending order.
    func moments(_ phase: CrashPhase, atMost: Int, length: Double? = nil) -> [Double] {
        let length = length ?? test.lengths.value.seconds[phase] ?? 1
        return (0..<min(atMost, test.wanted(phase))).map { _ in test.draw() * length }.sorted()
    }

    /// Kills at moments of a phase's own time, which stands still from a kill until the phase's work goes on. Ends with the
    /// moments, or with the phase.
    func strike(_ phase: CrashPhase, of cycle: String, at moments: [Double]) async throws {
        var clock = 0.0
        for moment in moments {
            var last = WallClock.seconds
            while clock < moment {
                try await Task.sleep(for: .seconds(min(0.1, moment - clock)))
                guard Self.phase(of: try await self.cycle(cycle).state) == phase else { return }
                if phase == .training { try await watchSteps(of: cycle) }
                clock += WallClock.seconds - last
                last = WallClock.seconds
            }
            try await strike(phase, of: cycle)
            guard try await resumes(phase, of: cycle) else { return }
        }
    }

    /// One kill; counted where the cycle's own history says that the phase was going on.
    private func strike(_ phase: CrashPhase, of id: String) async throws {
        let target = target(in: phase)
        let time = WallClock.now()
        if phase == .training { memory.withLock { $0.training.killed(at: WallClock.seconds) } }
        guard try await kill(target, in: phase) else { return }
        guard Self.phase(of: try await cycle(id).state(at: time)) == phase else { return }
        count(phase, target)
        try await quickLook()
    }

    func count(_ phase: CrashPhase, _ target: CrashTarget) {
        tally.count(.init(phase: phase, target: target))
        timeline.say(
            "  \(phase.rawValue): killed the \(target.rawValue) (\(tally.kills(phase)) of \(test.settings.kills(phase)))"
        )
    }

    func kill(_ target: CrashTarget, in phase: CrashPhase) async throws -> Bool {
        tally.enter(phase)
        return try await keeper().kill(target)
    }

    /// Half of a phase's kills meet the daemon, and the others what works for it then.
    func target(in phase: CrashPhase) -> CrashTarget {
        if test.draw() < 0.6 { return .daemon }
        return phase == .training ? .job : .engine
    }

    /// Waits until the phase's work goes on after a kill; false: the phase is over.
    private func resumes(_ phase: CrashPhase, of id: String) async throws -> Bool {
        let deadline = WallClock.seconds + 60
        while WallClock.seconds < deadline {
            guard Self.phase(of: try await cycle(id).state) == phase else { return false }
            if phase == .training {
                try await watchSteps(of: id)
                if try keeper().process(.job) != nil { return true }
            } else if try await isServing() {
                try await askArms()
                return true
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw DemoFailure("\(id) does not go on within a minute after a kill in \(phase.rawValue)")
    }

    /// Kills while records are posted as fast as the clients can.
    func ingestStrikes() async throws {
        let poster = try poster()
        for _ in 0..<min(test.settings.isShort ? .max : 4, test.wanted(.ingest)) {
            poster.pause = RecordPoster.fast
            try await firstAnswer(of: poster)
            try await Task.sleep(for: .seconds(test.draw() * (test.lengths.value.seconds[.ingest] ?? 1)))
            let target = target(in: .ingest)
            if try await kill(target, in: .ingest) { count(.ingest, target) }
            try await firstAnswer(of: poster)
            poster.pause = RecordPoster.slow
            try await quickLook()
        }
    }

    private func firstAnswer(of poster: RecordPoster) async throws {
        let (before, deadline) = (poster.answered, WallClock.seconds + 30)
        while poster.answered == before {
            guard WallClock.seconds < deadline else { throw DemoFailure("no record is accepted within half a minute") }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
