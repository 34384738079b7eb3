package import Values

/// Judges what the operators' routes show of a loop: whether a legal history leads there, and whether people were told
/// of every change once.
package struct LoopVerifier: Sendable {
    /// A webhook, as its receiver got it.
    package struct News: Equatable, Sendable {
        package var type: String
        package var cycle: String?
        package var adapter: String?

        package init(type: String, cycle: String? = nil, adapter: String? = nil) {
            self.type = type
            self.cycle = cycle
            self.adapter = adapter
        }
    }

    package var cycles: [JSONValue]
    package var adapters: [JSONValue]
    package var experiments: [JSONValue]
    package var deployment: JSONValue

    package init(cycles: [JSONValue], adapters: [JSONValue], experiments: [JSONValue], deployment: JSONValue) {
        self.cycles = cycles
        self.adapters = adapters
        self.experiments = experiments
        self.deployment = deployment
    }

    /// What may follow a state; the first step of a cycle follows "".
    private static let following: [String: Set<String>] = [
        "": ["probing"], "probing": ["probing", "estimating", "training", "watching"],
        "estimating": ["training", "watching"], "training": ["gating", "watching"],
        "gating": ["experimenting", "awaitingApproval", "watching"],
        "awaitingApproval": ["experimenting", "shadowing", "promoting", "watching"],
        "shadowing": ["promoting", "watching"],
        "experimenting": ["experimenting", "promoting", "watching"], "promoting": ["watching"], "watching": [],
    ]

    /// States that no legal history leads to, as sentences.
    package var impossibilities: [String] { cycles.flatMap(problems(of:)) + problemsOfAll + problemsOfServing }

    private func problems(of cycle: JSONValue) -> [String] {
        let id = cycle["id"]?.stringValue ?? "a cycle"
        let steps = cycle["steps"]?.arrayValue ?? []
        var problems: [String] = []
        var (before, time) = ("", "")
        for step in steps {
            let (state, at) = (step["state"]?.stringValue ?? "", step["time"]?.stringValue ?? "")
            if Self.following[before]?.contains(state) != true {
                problems.append("\(id): \(state) follows \(before.isEmpty ? "nothing" : before)")
            }
            if at < time { problems.append("\(id): \(state) at \(at) is before the step at \(time)") }
            (before, time) = (state, at)
        }
        let hasEnded = cycle["ended"]?.stringValue != nil
        if hasEnded != (before == "watching") {
            problems.append("\(id): its last step is \(before), and it is \(hasEnded ? "over" : "under way")")
        }
        if Self.reached("gating", in: cycle), cycle["adapter"]?.stringValue == nil {
            problems.append("\(id): a candidate was judged and none is named")
        }
        return problems
    }

    private static func reached(_ state: String, in cycle: JSONValue) -> Bool {
        cycle["steps"]?.arrayValue?.contains { $0["state"]?.stringValue == state } ?? false
    }

    private var problemsOfAll: [String] {
        func repeated(_ what: String, _ names: [String]) -> [String] {
            Dictionary(grouping: names) { $0 }.filter { $1.count > 1 }.map {
                "\(what) \($0.key) is there \($0.value.count) times"
            }
        }
        let made = cycles.compactMap { $0["adapter"]?.stringValue }
        let names = adapters.compactMap { $0["name"]?.stringValue }
        var problems = repeated("the cycle", cycles.compactMap { $0["id"]?.stringValue })
        problems += repeated("the adapter", names)
        problems += repeated("the candidate", made)
        problems += repeated("the experiment", experiments.compactMap { $0["id"]?.stringValue })
        problems += Set(made).subtracting(names).map { "the candidate \($0) is not among the adapters" }
        let underWay = cycles.filter { $0["ended"]?.stringValue == nil }
        if underWay.count > 1 { problems.append("\(underWay.count) cycles are under way") }
        let running = experiments.count { $0["ended"]?.stringValue == nil }
        if running > 1 { problems.append("\(running) experiments are under way") }
        let shown = deployment["cycle"]?["id"]?.stringValue
        if underWay.count == 1, let id = underWay[0]["id"]?.stringValue, id != shown {
            problems.append("the cycle \(id) is under way and the deployment shows \(shown ?? "none")")
        }
        return problems
    }

    private var problemsOfServing: [String] {
        guard let served = deployment["serving"]?["adapter"]?.stringValue else { return [] }
        guard let adapter = adapters.first(where: { $0["name"]?.stringValue == served }) else {
            return ["\(served) serves and is not among the adapters"]
        }
        let maker = cycles.first { $0["adapter"]?.stringValue == served }
        let wasPromoted = maker.map { Self.reached("promoting", in: $0) } ?? (adapter["cycle"]?.stringValue == nil)
        return wasPromoted ? [] : ["\(served) serves and was never promoted"]
    }

    /// What people were not told, or told of something that did not happen.
    ///
    /// - Parameters:
    ///   - news: every webhook once, by its id.
    ///   - rollbacks: operators' rollbacks outside a cycle that were answered with 2xx.
    package func disagreements(with news: [News], rollbacks: Int) -> [(isTwice: Bool, text: String)] {
        var problems: [(isTwice: Bool, text: String)] = []
        func expect(_ count: Int, _ type: String, of cycle: String?) {
            let told = news.count { $0.type == type && $0.cycle == cycle }
            guard told != count else { return }
            problems.append(
                (
                    told > count,
                    "\(type)\(cycle.map { " of \($0)" } ?? "") was told \(told) times and happened \(count) times"
                ))
        }
        for cycle in cycles {
            let id = cycle["id"]?.stringValue
            let hasEnded = cycle["ended"]?.stringValue != nil
            let state = cycle["state"]?.stringValue
            expect(Self.reached("gating", in: cycle) ? 1 : 0, "adapter.trained", of: id)
            expect(Self.reached("awaitingApproval", in: cycle) ? 1 : 0, "approval.needed", of: id)
            expect(Self.reached("experimenting", in: cycle) ? 1 : 0, "experiment.started", of: id)
            expect(isDecided(cycle["experiment"]?.stringValue) ? 1 : 0, "experiment.decided", of: id)
            expect(hasEnded && state == "watching" ? 1 : 0, "adapter.promoted", of: id)
            expect(hasEnded && (state == "rejected" || state == "rolledBack") ? 1 : 0, "cycle.rejected", of: id)
            expect(hasEnded && state == "failed" ? 1 : 0, "cycle.failed", of: id)
        }
        expect(rollbacks, "adapter.rolled_back", of: nil)
        let known = Set(cycles.compactMap { $0["id"]?.stringValue })
        for notice in news {
            guard let cycle = notice.cycle, !known.contains(cycle) else { continue }
            problems.append((false, "\(notice.type) tells of \(cycle), which there is not"))
        }
        return problems
    }

    /// Whether an experiment came to a decision of its own.
    private func isDecided(_ id: String?) -> Bool {
        guard let id, let view = experiments.first(where: { $0["id"]?.stringValue == id }) else { return false }
        return ["promote", "stopForHarm", "stopForFutility", "stopAtLongest"].contains(view["decision"]?.stringValue)
    }
}
