import Locking
import OutboundHTTP
import Values

extension CrashLife {
    /// After a kill: everything accepted before is there, and the loop stands in a possible state.
    func quickLook() async throws {
        // The lists first: what is accepted while the log is read need not be in what was read.
        let lists = accepted.all
        var mirrors = memory.withLock { $0.mirrors }
        for index in mirrors.indices {
            tally.note(try await mirrors[index].read(operators, deployment: Self.deployment))
            tally.note(mirrors[index].missing(of: lists.accepted[mirrors[index].kind] ?? []))
        }
        let read = mirrors
        memory.withLock { $0.mirrors = read }
        try await look()
    }

    /// The loop's state, cycles, adapters and experiments; what is still wrong at the third look is a fault, since these are
    /// several requests and the loop goes on between them.
    func look() async throws {
        var problems: [String] = []
        for _ in 0..<3 {
            problems = try await verifier().impossibilities
            if problems.isEmpty { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        tally.note(problems.map { CrashFault(.impossible, "life \(number): \($0)") })
    }

    private func verifier() async throws -> LoopVerifier {
        func list(_ name: String) async throws -> [JSONValue] {
            try await operators.read(Self.path + "/\(name)")?[name]?.arrayValue ?? []
        }
        return LoopVerifier(
            cycles: try await list("cycles"), adapters: try await list("adapters"),
            experiments: try await list("experiments"), deployment: try await operators.read(Self.path) ?? .null)
    }

    /// Whether the gateway answers, by something that may answer.
    func isServing() async throws -> Bool {
        guard let name = try await answering() else { return false }
        if name != Self.deployment, try await operators.read(Self.path + "/adapters/\(name)") == nil {
            tally.note([CrashFault(.impossible, "\(name) answers and is no adapter of the deployment")])
        }
        return true
    }

    /// What answers at the gateway now; nil where nothing does.
    func answering() async throws -> String? {
        let message = TrafficMessage(query: "where is my order", answer: "", domain: "")
        // Without a user nobody is held back or in an arm.
        let answer = try? await applications().call(
            "POST", "/v1/chat/completions", body: Player.request(Self.deployment, message), seconds: 20)
        return answer?.status == 200 ? answer?.headers["retuned-adapter"] : nil
    }

    /// Asks for the arms of some units: within an experiment each keeps its own.
    func askArms() async throws {
        for number in 0..<20 {
            let unit = "crash-unit-\(number)"
            let body: JSONValue = ["context": ["targetingKey": .string(unit)]]
            guard
                let answer = try? await applications().call(
                    "POST", "/ofrep/v1/evaluate/flags/\(Self.deployment)", body: body.serialized, seconds: 10),
                answer.status == 200, let value = try? JSONValue(parsing: answer.body),
                value["reason"]?.stringValue == "SPLIT", let variant = value["variant"]?.stringValue,
                let experiment = value["metadata"]?["experiment"]?.stringValue
            else { continue }
            let before = memory.withLock { $0.arms[experiment, default: [:]].updateValue(variant, forKey: unit) }
            if let before, before != variant {
                tally.note([
                    CrashFault(.impossible, "\(unit) was \(before) and is \(variant) in \(experiment)")
                ])
            }
        }
    }

    /// Follows a training's steps, to see how many are done again after a kill.
    func watchSteps(of cycle: String) async throws {
        let next = try await operators.read(Self.path)?["cycle"]?["next"]?.stringValue ?? ""
        let words = next.split(separator: " ")
        guard words.count >= 4, words[0] == "train", let step = Int(words[1]),
            let of = Int(words[3].prefix { $0.isNumber })
        else { return }
        let isTooFar = memory.withLock { memory in
            let isTooFar = memory.training.saw(step, in: cycle, at: WallClock.seconds)
            if memory.training.again > memory.sums.stepsAgain {
                (memory.sums.stepsAgain, memory.sums.stepsOf) = (memory.training.again, of)
            }
            return isTooFar
        }
        if isTooFar {
            tally.note([
                CrashFault(.lost, "life \(number): \(cycle): the training went back to step \(step), over a checkpoint")
            ])
        }
    }

    /// The end of a life: no more traffic, everything read anew, and everybody was told of everything.
    func lastLook() async throws -> String {
        try await poster().stop()
        let player = parts.withLock { $0.player }
        _ = try await player?.order(["do": "stop"], answeredBy: "stopped")
        let played = try await player?.order(["do": "accepted"], answeredBy: "accepted")
        accepted.accept(.ratings, (played?["ratings"]?.arrayValue ?? []).compactMap(\.stringValue))
        try await quickLook()
        try await readAnew(gateway: (played?["interactions"]?.arrayValue ?? []).compactMap(\.stringValue))
        try await checkNews()
        try await checkExperiments()
        let serving = try await operators.read(Self.path)?["serving"]?["adapter"]?.stringValue
        memory.withLock { memory in
            for kind in AcceptedRecords.Kind.allCases { memory.sums.accepted[kind] = accepted.count(kind) }
            memory.sums.keptUnanswered = accepted.all.keptUnanswered
            memory.sums.repeated = accepted.all.repeated
        }
        let last = try await cycles().last
        return serving != nil && serving == last?.adapter ? "promoted" : "not promoted"
    }

    private func readAnew(gateway: [String]) async throws {
        let lists = accepted.all
        for earlier in memory.withLock({ $0.mirrors }) {
            var mirror = LogMirror(earlier.kind)
            tally.note(try await mirror.read(operators, deployment: Self.deployment))
            tally.note(mirror.missing(of: lists.accepted[earlier.kind] ?? []))
            tally.note(mirror.torn(of: lists.unanswered[earlier.kind] ?? []))
            tally.note(mirror.changes(since: earlier))
            guard earlier.kind == .interactions else { continue }
            let lost = gateway.count { mirror.records[$0] == nil }
            memory.withLock { ($0.sums.gatewayAnswers, $0.sums.gatewayLost) = (gateway.count, lost) }
        }
    }

    /// Webhooks against the loop's history; deliveries that failed while the daemon was down are tried again for a while.
    private func checkNews() async throws {
        var problems: [(isTwice: Bool, text: String)] = []
        let rollbacks = memory.withLock { $0.rollbacks }
        for _ in 0..<60 {
            let news = receiver.deliveries.map {
                LoopVerifier.News(type: $0.type, cycle: $0.cycle, adapter: $0.adapter)
            }
            problems = try await verifier().disagreements(with: news, rollbacks: rollbacks)
            if problems.isEmpty { break }
            try await Task.sleep(for: .milliseconds(500))
        }
        tally.note(problems.map { CrashFault($0.isTwice ? .twice : .lost, "life \(number): \($0.text)") })
        let deliveries = receiver.deliveries
        tally.note(
            deliveries.filter { !$0.isVerified }.map {
                CrashFault(.impossible, "a webhook's signature is wrong: \($0.type)")
            })
        tally.note(receiver.changed.map { CrashFault(.impossible, "the webhook \($0) came again with another body") })
        memory.withLock { ($0.sums.webhooks, $0.sums.webhooksAgain) = (deliveries.count, receiver.repeated) }
    }

    /// Every unit is assigned once, and every look can be worked out again from the exported rows.
    private func checkExperiments() async throws {
        for view in try await verifier().experiments {
            guard let id = view["id"]?.stringValue else { continue }
            let rows = try await operators.lines(Self.path + "/experiments/\(id)/assignments")
            var seen: Set<String> = []
            for unit in rows.compactMap({ $0["unit"]?.stringValue }) where !seen.insert(unit).inserted {
                tally.note([CrashFault(.twice, "\(unit) is assigned twice in \(id)")])
            }
            let check = try await Recomputation(
                client: operators, deployment: Self.deployment, experiment: id
            ).run()
            memory.withLock { $0.sums.looks += check.looks }
            tally.note(check.problems.map { CrashFault(.impossible, "life \(number): \(id): \($0)") })
        }
    }
}
