import Locking
import Values

extension CrashLife {
    private static var mostKillsOfATurn: Int { 4 }

    /// The daemon's own turn: steady traffic, then other traffic, which it has to notice. Nothing is killed in the first
    /// life's: it tells how long the phases last.
    func driftsTurn() async throws {
        if number > 1 { try await ingestStrikes() }
        try await wait("the detectors know what is normal") {
            let view = try await operators.read(Self.path + "/drift")
            return view?["detectors"]?.arrayValue?.first?["state"]?.stringValue == "watching"
        }
        try await Task.sleep(for: .seconds(5))
        try await play(.shift)
        timeline.say("the traffic moves")
        var id = ""
        // A cycle that lacks data ends, and there is another after a pause.
        repeat {
            try await wait("a cycle begins") {
                id = try await cycles().last { !$0.hasEnded }?.id ?? ""
                return !id.isEmpty
            }
        } while try await !turn(id, isKilled: number > 1, isDecidedByOperator: false)
        if number == 1 { try await learnLengths(from: id) }
    }

    /// A turn that an operator asks for.
    func operatorsTurn(isDecidedByOperator: Bool) async throws {
        var id = ""
        try await wait("a cycle is under way") {
            try await askForTurn()
            id = try await cycles().last { !$0.hasEnded }?.id ?? ""
            return !id.isEmpty
        }
        _ = try await turn(id, isKilled: true, isDecidedByOperator: isDecidedByOperator)
    }

    /// Follows a cycle to its end, with kills in each phase; false: it ended before its training.
    private func turn(_ id: String, isKilled: Bool, isDecidedByOperator: Bool) async throws -> Bool {
        let most = isKilled ? (test.settings.isShort ? .max : Self.mostKillsOfATurn) : 0
        try await wait("\(id) reaches its training") {
            let cycle = try await cycle(id)
            return cycle.hasEnded || Self.phase(of: cycle.state) != nil
        }
        guard try await cycle(id).steps.contains(where: { Self.phase(of: $0.state) != nil }) else { return false }
        timeline.say("\(id): estimating, training and judging")
        try await strike(.training, of: id, at: moments(.training, atMost: most))
        try await wait("\(id) reaches its experiment") {
            let cycle = try await cycle(id)
            try await watchSteps(of: id)
            return cycle.hasEnded || cycle.state == "experimenting"
        }
        guard try await cycle(id).start(of: "experimenting") != nil else {
            try await settle(id)
            return true
        }
        timeline.say("\(id): the experiment runs")
        let length = (test.lengths.value.seconds[.experiment] ?? 1) * (isDecidedByOperator ? 0.3 : 1)
        let began = WallClock.seconds
        try await strike(.experiment, of: id, at: moments(.experiment, atMost: most, length: length))
        if isDecidedByOperator {
            let rest = began + (test.settings.isShort ? 0 : 3) - WallClock.seconds
            if rest > 0 { try await Task.sleep(for: .seconds(rest)) }
            try await promote(id)
        }
        try await wait("\(id) ends") { try await cycle(id).hasEnded }
        try await settle(id)
        return true
    }

    private func settle(_ id: String) async throws {
        let cycle = try await cycle(id)
        let serving = try await operators.read(Self.path)?["serving"]?["adapter"]?.stringValue
        let isPromoted = cycle.adapter != nil && cycle.adapter == serving
        if isPromoted { memory.withLock { $0.sums.promotions += 1 } }
        timeline.say("\(id) ended: \(isPromoted ? "\(serving ?? "") serves" : "nothing was promoted")")
        try await look()
    }

    /// Polls until something is so; ten minutes are long for anything here, also on a machine with much else to do.
    func wait(_ what: String, until isSo: () async throws -> Bool) async throws {
        let deadline = WallClock.seconds + 600
        while try await !isSo() {
            guard WallClock.seconds < deadline else { throw DemoFailure("ten minutes passed before \(what)") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func learnLengths(from id: String) async throws {
        let cycle = try await cycle(id)
        guard let first = cycle.start(of: "estimating"), let experiment = cycle.start(of: "experimenting"),
            let end = cycle.start(of: "promoting")
        else { return }
        test.lengths.withLock { lengths in
            lengths.seconds[.training] = experiment.seconds(since: first)
            lengths.seconds[.experiment] = end.seconds(since: experiment)
        }
        let poster = try poster()
        poster.pause = RecordPoster.fast
        let (began, before) = (WallClock.seconds, poster.answered)
        while poster.answered < before + 300 { try await Task.sleep(for: .milliseconds(5)) }
        test.lengths.withLock { $0.seconds[.ingest] = WallClock.seconds - began }
        poster.pause = RecordPoster.slow
    }
}
