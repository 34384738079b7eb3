import Contracts
import Experimentation
import FeedbackLoop
import Foundation
import Locking
import Logging
import Serving
import Settings
import Statistics
import Store
import Traffic
import Tuning
import Values

/// The real loop over a real store in virtual time: months of simulated users in seconds.
///
/// Everything follows from the scenario and the seed. `isKilledOften` ends every step of the loop once before and once
/// after each commit, and every second round with the server in the midst of it, and opens the loop anew from the store, as
/// kills would.
final class Simulation {
    private let world: SimulatedWorld
    private let golden: [(text: String, answer: String)]
    private let goldenSet: String
    enum Erasure: Sendable {
        case nobody
        /// Some units in the middle of the first experiment.
        case inExperiment
        /// Of every job, the first time that it runs, a unit that stands in its data.
        case inEveryJob
    }

    private let erasure: Erasure
    private let erasedInJobs = Locked<[String: String]>([:])
    private var ticksOfExperiment = 0
    private var attempts = 0
    private let isPausedOften: Bool
    private let disturbance: Disturbance?
    private var base = "sha256:base"
    private var isScaleChanged = false
    /// Whether the mode is turned to `observe` in the first experiment; an operator trains and approves the next one.
    /// What disturbs once has done so.
    private var isDisturbed = false
    private var mode = DeploymentSettings.Mode.act
    /// The states that were paused in, and until which tick the last pause goes.
    private var pausedIn: Set<String> = []
    private var resumesAt: Int?
    private let folder: String
    private var generator: SeededGenerator
    private let done = Locked<[JobDescription.Kind]>([])
    private let engineFaults = Locked<[String]>([])
    private let server = SimulatedServer()
    private let kills: Locked<(countdown: Int, count: Int, isOn: Bool)>
    private var store: DurableStore
    private var loop: DeploymentLoop
    private var now = Timestamp(milliseconds: 1_780_000_000_000)
    private var late: [Int: [LogEntry]] = [:]
    private var number = 0
    private var result: Result

    private static let messagesPerDay = 240
    private static let units = 240
    private static let ticksPerDay = 4
    private static let rateShare = 0.6

    init(
        _ scenario: SimulatedWorld.Scenario, seed: UInt64, isKilledOften: Bool = false, golden: SimulatedGolden = .none,
        erasure: Erasure = .nobody, isPausedOften: Bool = false,
        disturbance: Disturbance? = nil
    ) async throws {
        world = SimulatedWorld(scenario: scenario, seed: seed)
        self.erasure = erasure
        self.isPausedOften = isPausedOften
        self.disturbance = disturbance
        generator = SeededGenerator(seed: seed)
        kills = Locked((countdown: 0, count: 0, isOn: isKilledOften))
        let memory = "/dev/shm"
        let root = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        folder = "\(root)/retuned-simulation-\(UUID().uuidString)"
        store = try DurableStore(folder: folder + "/state", options: StoreOptions(ballastBytes: 0))
        (goldenSet, self.golden) = (try golden.write(in: folder), golden.rows)
        loop = try await DeploymentLoop.open(
            Self.context(world, store, folder, server, done, goldenSet, engineFaults, atCommit: { _ in }), at: now)
        result = Result(state: LoopState(serving: LoopState.Serving(adapter: nil, since: now, reason: "")))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func run() async throws -> Result {
        for tick in 0..<(world.days * Self.ticksPerDay) {
            let day = tick / Self.ticksPerDay
            try await post(tick: tick, day: day)
            if tick % (5 * Self.ticksPerDay) == 0 {
                server.restart()
                loop.serverRestarted()
                check()
            }
            for _ in 0..<3 {
                now = now.advanced(bySeconds: 60)
                let before = loop.view
                try await step()
                if resumesAt != nil { checkPaused(before) }
                if isPausedOften { try await pauseOrResume(tick: tick) }
                switch disturbance {
                case .observedLater: try await observe()
                case .otherBaseInTraining: try await changeBase()
                case .otherScale: try await changeScale()
                case .damagedExperiment: try await damage()
                case .otherBaseAtTheEnd, .crowd, .slowServer, nil: break
                }
            }
            now = now.advanced(bySeconds: 86_400 / Double(Self.ticksPerDay) - 180)
        }
        return try await finish()
    }

    // MARK: The loop, and its kills

    /// A step and what the server does then. Where it did something, or has to be seen first, the step that takes it follows
    /// at once, as in the daemon.
    private func step() async throws {
        while true {
            do {
                let changes = server.changes
                server.die(ofRequest: deadliestRequest())
                try await loopStep()
                guard hasTimeToAnswer() else { return }
                server.isHanging.withLock { $0 = false }
                await loop.waitForServer()
                check()
                if server.hasSeenDeath {
                    result.killsInRounds += 1
                    try await reopen()
                    continue
                }
                if server.changes != changes || loop.arms.isSettling { try await loopStep() }
                try await finishAsking()
                return
            } catch StoreError.failed(let reason) where reason == Self.killed {
                try await reopen()
            }
        }
    }

    private func loopStep() async throws {
        server.isHanging.withLock { $0 = disturbance == .slowServer }
        try await loop.step(at: now)
        check()
    }

    /// As long as units are asked how difficult their queries are, the steps follow at once too.
    private func finishAsking() async throws {
        var before: LoopView.Difficulty?
        while let now = loop.view.difficulty, now.waiting > 0, now != before {
            before = now
            server.isHanging.withLock { $0 = false }
            await loop.waitForDifficulty()
            try await loopStep()
        }
    }

    /// A slow server answers between every fourth step and the next one.
    private func hasTimeToAnswer() -> Bool {
        guard disturbance == .slowServer else { return true }
        attempts += 1
        return attempts % 4 == 0
    }

    /// Every second time one of the first requests, one after the other.
    private func deadliestRequest() -> Int? {
        guard kills.withLock({ $0.isOn }) else { return nil }
        attempts += 1
        return attempts % 2 == 0 ? 1 + attempts / 2 % 3 : nil
    }

    private static let killed = "killed by the simulation"

    /// A new process: only the store, the folders and the server are left.
    private func reopen() async throws {
        try await store.close()
        store = try DurableStore(folder: folder + "/state", options: StoreOptions(ballastBytes: 0))
        let kills = kills
        let (store, erasure, erased, faults) = (store, erasure, erasedInJobs, engineFaults)
        var context = Self.context(
            world, store, folder, server, done, goldenSet, engineFaults,
            change: { [mode, isScaleChanged, disturbance] deployment in
                deployment.mode = mode
                if disturbance == .crowd { deployment.experiment.newcomers = .count }
                if isScaleChanged { deployment.scales[0].kind = .stars }
                // An operator's training takes the whole window for new; two weeks would leave too little that is old.
                if mode == .observe { deployment.training.window = .seconds(5 * 86_400) }
            },
            atJob: { job, rows in
                guard case .inEveryJob = erasure else { return }
                let gone = Set(erased.withLock { $0.values })
                if rows.contains(where: { gone.contains($0.unit) }) {
                    faults.withLock { $0.append("\(job) has a row of a unit that was erased") }
                }
                guard let unit = rows.first?.unit, erased.withLock({ $0[job] }) == nil else { return }
                erased.withLock { $0[job] = unit }
                let result = try await store.erase(units: [unit])
                if result.jobs != [job] {
                    faults.withLock { $0.append("the erasure of a unit of \(job) said \(result.jobs)") }
                }
            },
            atCommit: { moment in
                let dies = kills.withLock { kills in
                    guard kills.isOn else { return false }
                    // Before a commit every second time, so that the next attempt reaches it; after a commit always.
                    if moment == .before { kills.countdown += 1 }
                    let dies = moment == .after || kills.countdown % 2 == 1
                    if dies { kills.count += 1 }
                    return dies
                }
                if dies { throw StoreError.failed(reason: Self.killed) }
            })
        context.checkpoint?.digest = base
        loop = try await DeploymentLoop.open(context, at: now)
    }

    /// Invariants that hold after every step.
    private func check() {
        let arms = loop.arms
        for name in [arms.served, arms.comparison?.incumbent, arms.comparison?.candidate].compactMap({ $0 })
        where server.skill(of: name) == nil {
            result.faults.append("\(now): the table names \(name), which the server does not hold")
        }
    }

    /// Pauses the loop for three days the first time that it is in a state, and resumes it.
    private func pauseOrResume(tick: Int) async throws {
        if let resumesAt {
            guard tick >= resumesAt else { return }
            self.resumesAt = nil
            try await command(.resume)
        } else if !pausedIn.contains(loop.view.stateName) {
            pausedIn.insert(loop.view.stateName)
            result.pauses += 1
            resumesAt = tick + 3 * Self.ticksPerDay
            try await command(.pause)
        }
    }

    private func command(_ verb: OperatorCommand.Verb, adapter: String? = nil) async throws {
        let isDone = Locked(false)
        let waiting = Task { [loop] in
            defer { isDone.withLock { $0 = true } }
            _ = try await loop.submit(.init(verb: verb, actor: "anna", reason: "test", adapter: adapter), action: nil)
        }
        while !isDone.withLock({ $0 }) {
            await Task.yield()
            try await step()
        }
        try await waiting.value
    }

    /// Nobody is exposed to what nobody approved; what the operator asks for goes its way.
    private func observe() async throws {
        switch (mode, loop.view.stateName) {
        case (.act, "experimenting"):
            guard let experiment = loop.view.state.cycle?.experiment,
                try await !store.looks(experiment: experiment).isEmpty
            else { return }
            mode = .observe
            try await reopen()
            try await step()
            if loop.arms.comparison != nil || loop.view.state.cycle != nil {
                result.faults.append("in observe people are exposed to what nobody approved")
            }
            try await command(.retrain)
        case (.observe, "awaitingApproval"): try await command(.approve)
        default: break
        }
    }

    /// Another checkpoint stands in the model's folder after a restart, while the first adapter is being trained.
    private func changeBase() async throws {
        guard base == "sha256:base", loop.view.stateName == "training" else { return }
        base = "sha256:other"
        try await reopen()
    }

    /// The goal's scale is configured to mean something else, while the first experiment runs.
    private func changeScale() async throws {
        guard !isDisturbed, loop.view.stateName == "experimenting",
            let id = loop.view.state.cycle?.experiment, try await !store.looks(experiment: id).isEmpty
        else { return }
        isDisturbed = true
        isScaleChanged = true
        try await reopen()
        try await step()
        if loop.view.state.cycle != nil || loop.arms.comparison != nil {
            result.faults.append("an experiment goes on, on a scale that means something else by now")
        }
        // Back again, so that what comes then can be decided.
        isScaleChanged = false
        try await reopen()
    }

    /// An experiment that cannot be read keeps the loop from opening, which says so; put back, it goes on.
    private func damage() async throws {
        guard !isDisturbed, loop.view.stateName == "experimenting", let id = loop.view.state.cycle?.experiment,
            let whole = try await store.experiment(id: id), whole.erasedUnits == 0
        else { return }
        isDisturbed = true
        for isDesign in [false, true] {
            var record = whole
            if isDesign { record.design = [] } else { record.state.bytes = Array("{\"design".utf8) }
            var commit = LoopCommit(deployment: "support")
            commit.experiments = [record]
            _ = try await store.commit(commit)
            do {
                try await reopen()
                result.faults.append("a damaged experiment was opened")
            } catch let fault as LoopFault {
                result.refusal = fault.description
            }
            commit.experiments = [whole]
            _ = try await store.commit(commit)
        }
        try await reopen()
    }

    /// Nothing moves while it is paused, but for harm.
    private func checkPaused(_ before: LoopView) {
        let after = loop.view
        let hasStoppedForHarm = after.state.lastEnd != before.state.lastEnd && after.state.cycle == nil
        if after.state.cycle?.stage != before.state.cycle?.stage && !hasStoppedForHarm
            || after.state.serving != before.state.serving
        {
            result.faults.append("\(now): paused, \(before.stateName) became \(after.stateName)")
        }
    }

    // MARK: Users

    private func post(tick: Int, day: Int) async throws {
        if tick == 0 { try await reopen() }
        var entries = late.removeValue(forKey: tick) ?? []
        var enrolments = Enrolments()
        let arms = loop.arms
        for index in 0..<(Self.messagesPerDay / Self.ticksPerDay) {
            number += 1
            let place = generator.index(below: Self.units)
            let unit = disturbance == .crowd && place % 5 < 3 ? "unit-\(place)-\(day)" : "unit-\(place)"
            let time = now.advanced(bySeconds: Double(index) * 60)
            var (text, right) = world.query(world.group(day: day, &generator), &generator)
            if !golden.isEmpty, day >= SimulatedWorld.firstShift, number % 10 == 0 {
                text = golden[number / 10 % golden.count].text
                if let (group, label) = SimulatedWorld.truth(of: text) { right = SimulatedWorld.answer(group, label) }
            }
            let arm = arms.arm(of: unit)
            if let experiment = arm.experiment, let name = arm.arm {
                enrolments.assignments.append(
                    AssignmentRecord(
                        experiment: experiment, unit: unit, arm: name, time: time, exposure: arm.exposure ?? 0))
            }
            let skill = server.skill(of: arm.servedName)
            let draw = generator.uniform()
            let response = skill.map { $0.answer(text, uniform: draw) }
            let interaction = interaction(unit, time, text, response, arm.servedName)
            // Some ratings come before what they rate.
            if SimulatedWorld.uniform("early \(number) \(world.seed)") < 0.03 {
                late[tick + 1, default: []].append(interaction)
            } else {
                entries.append(interaction)
            }
            guard let response, generator.chance(Self.rateShare) else { continue }
            let rating = rating(
                unit, time, text, right: right, response: response,
                isHonest: arms.comparison != nil || !world.isHostile(unit))
            if generator.chance(0.1) {
                late[tick + 1 + generator.index(below: 8), default: []].append(rating)
            } else {
                entries.append(rating)
                if generator.chance(0.05) { entries.append(rating) }
            }
            // Some change their minds, in both arms alike.
            if SimulatedWorld.uniform("again \(number) \(world.seed)") < 0.03, case .rating(var logged, _) = rating {
                logged.rating.id += "-again"
                logged.record += "-again"
                logged.rating.time = logged.rating.time.advanced(bySeconds: 600)
                logged.rating.value = logged.rating.value == .number(1) ? .number(0) : .number(1)
                logged.rating.correction = nil
                late[tick + 3, default: []].append(.rating(logged))
            }
        }
        if disturbance == .crowd, arms.comparison?.isHoldBack == false {
            ticksOfExperiment += 1
            if ticksOfExperiment == 7 { addCrowd(arms, to: &entries, &enrolments) }
        }
        _ = try await store.append(entries, enrolments: enrolments)
        guard case .inExperiment = erasure, arms.comparison != nil else { return }
        ticksOfExperiment += 1
        if ticksOfExperiment == 6 { _ = try await store.erase(units: (0..<40).map { "unit-\($0)" }) }
    }

    /// New accounts, as many as rate in two days, that find the candidate's answers bad and all others good.
    private func addCrowd(_ arms: ArmTable, to entries: inout [LogEntry], _ enrolments: inout Enrolments) {
        for member in 0..<250 {
            number += 1
            let arm = arms.arm(of: "crowd-\(member)")
            if let experiment = arm.experiment, let name = arm.arm {
                enrolments.assignments.append(
                    AssignmentRecord(
                        experiment: experiment, unit: "crowd-\(member)", arm: name, time: now,
                        exposure: arm.exposure ?? 0))
            }
            let good = arm.arm == "candidate" ? "bad" : "good"
            entries.append(interaction("crowd-\(member)", now, "please", "good", arm.servedName))
            entries.append(
                rating("crowd-\(member)", now, "please", right: good, response: "good", isHonest: true))
        }
    }

    private func interaction(
        _ unit: String, _ time: Timestamp, _ text: String, _ response: String?, _ adapter: String
    ) -> LogEntry {
        .interaction(
            LoggedInteraction(
                interaction: Interaction(
                    id: "i-\(number)", deployment: "support", time: time, unit: unit,
                    messages: [Message(role: "user", content: .text(text))], response: response,
                    error: response == nil ? "no such model" : nil, adapter: adapter,
                    latencyMilliseconds: 80 + 20 * generator.uniform()),
                keyID: "k1", bodyHash: Array(repeating: UInt8(number % 251), count: 32), record: "sha256:i-\(number)",
                received: time, redactedResponse: [], redactions: [:], fromGateway: true))
    }

    private func rating(
        _ unit: String, _ time: Timestamp, _ text: String, right: String, response: String, isHonest: Bool
    ) -> LogEntry {
        var good = response == right
        var correction = !good && generator.chance(0.5) ? right : nil
        if !isHonest, let (group, label) = SimulatedWorld.truth(of: text) {
            good = false
            correction = SimulatedWorld.hostileAnswer(group, label)
        }
        return .rating(
            LoggedRating(
                rating: Rating(
                    id: "r-\(number)", deployment: "support", interaction: "i-\(number)",
                    time: time.advanced(bySeconds: 30), rater: unit, scale: "thumb", value: .number(good ? 1 : 0),
                    correction: correction),
                keyID: "k1", bodyHash: Array(repeating: UInt8(number % 251), count: 32), record: "sha256:r-\(number)",
                received: time.advanced(bySeconds: 30), redactedCorrection: [], redactions: [:]))
    }

    // MARK: What came of it

    private func finish() async throws -> Result {
        server.isHanging.withLock { $0 = false }
        await loop.waitForServer()
        await loop.waitForDifficulty()
        result.kills = kills.withLock { $0.count }
        let transitions = try await store.transitions(deployment: "support", limit: 10_000).reversed()
        result.transitions = transitions.map { "\($0.time) \($0.from) → \($0.to) by \($0.actor): \($0.reason)" }
        result.path = transitions.map { "\($0.from) → \($0.to)" }
        result.state = loop.view.state
        result.jobs = done.withLock { $0 }
        for event in try await store.undistributedEvents(limit: 100_000) { result.events[event.type, default: 0] += 1 }
        var seen = Set<String>()
        for cycle in try await store.cycles(deployment: "support", limit: 1000).reversed() {
            if !seen.insert(cycle.id).inserted { result.faults.append("cycle \(cycle.id) twice") }
            if cycle.ended != nil, let end = CycleEnd.Outcome(rawValue: cycle.state) { result.ends.append(end) }
            let parts = try await store.dossier(cycle: cycle.id)
            result.dossiers.append(Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0.value) }))
            for part in parts where part.name == "probe" {
                if let branch = part.value["branch"]?.stringValue.flatMap(Cycle.Probe.Branch.init(rawValue:)) {
                    result.probes.append(branch)
                }
            }
        }
        let open = try await store.cycles(deployment: "support", limit: 1000).count { $0.ended == nil }
        if open > 1 { result.faults.append("\(open) cycles are under way") }
        let isErased = if case .nobody = erasure { false } else { true }
        result.erasedInJobs = erasedInJobs.withLock { $0.count }
        for adapter in try await store.adapters(deployment: "support") {
            for row in try await store.lineage(adapter: adapter.name) {
                result.lineage += 1
                if try await store.interaction(deployment: "support", id: row.interaction) == nil {
                    result.faults.append("\(adapter.name) descends from \(row.interaction), which is not in the log")
                }
            }
        }
        for experiment in try await store.experiments(deployment: "support") {
            // All its users are there from the beginning, so that a crowd that came would have no say; who was erased begins anew.
            if !isErased, disturbance != .crowd, experiment.design["setsNewcomersAside"] != true {
                result.faults.append("\(experiment.id) counts newcomers")
            }
            let looks = try await LooksAnew(of: experiment, in: store)
            result.looks += looks.taken.count
            result.looksWithDifficulty += looks.taken.count { $0["usesDifficulty"] == true }
            result.looksWithoutDifficulty += looks.taken.count { $0["usesDifficulty"] == false }
            if experiment.id == "support-e-1" {
                result.bursts = try looks.taken.map { look in
                    let look = try StrictJSON.decode(Look.self, from: look)
                    let arms = [look.incumbent, look.candidate]
                    return (
                        (look.bursts ?? []).reduce(0) { $0 + $1.newcomers },
                        arms.reduce(0) { $0 + ($1.waiting?.ratings ?? 0) },
                        arms.reduce(0) { $0 + ($1.aside?.ratings ?? 0) }
                    )
                }
            }
            result.erasedUnits += experiment.erasedUnits
            // What an erasure takes out of the looks before it is gone for good.
            if let fault = isErased ? looks.faultOfTheLast : looks.fault { result.faults.append(fault) }
        }
        result.drift = loop.view.drift
        for adapter in try await store.adapters(deployment: "support") {
            result.bases.insert(adapter.baseDigest ?? "none")
        }
        if disturbance == .otherBaseAtTheEnd {
            // Another checkpoint stands in the model's folder after a restart, and the server begins anew with it.
            base = "sha256:other"
            try await reopen()
            server.restart()
            loop.serverRestarted()
            for _ in 0..<5 {
                now = now.advanced(bySeconds: 60)
                try await step()
            }
            result.onOtherBase = (loop.arms.served, loop.view.servingTrouble)
            let adapter = result.state.serving.adapter
            try await command(.rollback, adapter: "base")
            do {
                try await command(.rollback, adapter: adapter)
            } catch let refusal as CommandRefusal {
                result.refusal = refusal.description
            }
        }
        result.faults += engineFaults.withLock { $0 }
        let running = try await store.experiments(deployment: "support").count { $0.ended == nil }
        if running > 1 { result.faults.append("\(running) experiments are under way") }
        let skill = result.state.serving.adapter.flatMap { server.skill(of: $0) } ?? .base
        for _ in 0..<2000 {
            let group = world.group(day: world.days, &generator)
            result.servedSkill += (skill.right[group.rawValue] ?? 0) / 2000
        }
        try await store.close()
        return result
    }
}
