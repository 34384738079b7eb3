import Locking
import Values

/// An operator's actions, each sent again under its id until it is answered.
extension CrashLife {
    private func action(_ verb: String, _ more: [String: JSONValue] = [:]) -> JSONValue {
        let number = memory.withLock { memory in
            memory.actions += 1
            return memory.actions
        }
        var object = JSONObject([
            .init(name: "id", value: .string("crash-\(verb)-\(number)")), .init(name: "action", value: .string(verb)),
            .init(name: "reason", value: "the crash test asks for it"),
        ])
        for (name, value) in more { object[name] = value }
        return .object(object)
    }

    private func send(_ action: JSONValue) async -> ServiceClient.Answer? {
        try? await operators.call("POST", Self.path + "/actions", body: action.serialized, seconds: 30)
    }

    /// Everybody gets the base again.
    func rollBack() async throws {
        let serving = try await operators.read(Self.path)?["serving"]?["adapter"]?.stringValue
        guard serving != nil else { return }
        let action = action("rollback", ["adapter": "base"])
        guard let answer = await send(action), answer.status == 202 else {
            throw DemoFailure("the rollback was not accepted")
        }
        memory.withLock { $0.rollbacks += 1 }
        let now = try await operators.read(Self.path)?["serving"]?["adapter"]?.stringValue
        if now != nil { tally.note([CrashFault(.lost, "a rollback was answered with 202 and \(now ?? "") serves")]) }
    }

    /// Asks for a turn; one that the daemon began by itself meanwhile will do.
    func askForTurn() async throws {
        let action = action("retrain")
        guard let answer = await send(action) else { throw DemoFailure("retrain was not answered") }
        guard answer.status == 202 || answer.status == 409 else {
            throw DemoFailure("retrain was answered \(answer.status): \(answer.text)")
        }
    }

    /// Promotes the candidate, with kills between the sending of the word and the moment when the candidate answers.
    func promote(_ id: String) async throws {
        let action = action("promote", ["cycle": .string(id)])
        let isMeasured = number == 1 && !test.settings.isShort && memory.withLock { $0.sums.promotions == 1 }
        var kills = isMeasured ? 0 : min(test.settings.isShort ? 1 : 3, test.wanted(.promotion))
        while kills > 0 {
            kills -= 1
            let cycle = try await cycle(id)
            if !cycle.hasEnded {
                try await promoteAndKill(action, cycle: id)
            } else if try await answering() == cycle.adapter {
                break
            } else {
                // A daemon that was started again has the candidate loaded anew before it sends anybody there.
                try await killWithin(test.lengths.value.reloading)
            }
        }
        let began = WallClock.seconds
        // 409: the experiment came to its own decision first.
        if try await cycle(id).hasEnded == false, let answer = await send(action), ![202, 409].contains(answer.status) {
            throw DemoFailure("promote was answered \(answer.status): \(answer.text)")
        }
        try await wait("\(id) ends") { try await cycle(id).hasEnded }
        let candidate = try await cycle(id).adapter
        guard try await operators.read(Self.path)?["serving"]?["adapter"]?.stringValue == candidate else { return }
        try await wait("\(candidate ?? "") answers") { try await answering() == candidate }
        if isMeasured {
            try await wait("the news of the promotion in \(id)") {
                receiver.deliveries.contains { $0.type == "adapter.promoted" && $0.cycle == id }
            }
            test.lengths.withLock { $0.seconds[.promotion] = WallClock.seconds - began }
        } else {
            test.lengths.withLock { $0.reloading = max(0.1, WallClock.seconds - began) }
        }
        try await quickLook()
    }

    /// Sends the word and kills at a random instant from then on. What was answered with 202 is begun.
    private func promoteAndKill(_ action: JSONValue, cycle id: String) async throws {
        async let sent = send(action)
        try await killWithin(test.lengths.value.seconds[.promotion] ?? 0.1)
        if await sent?.status == 202, try await cycle(id).state == "experimenting" {
            tally.note([CrashFault(.lost, "the promotion in \(id) was answered with 202 and is not begun")])
        }
    }

    private func killWithin(_ seconds: Double) async throws {
        let target = target(in: .promotion)
        try await Task.sleep(for: .seconds(test.draw() * seconds))
        if try await kill(target, in: .promotion) { count(.promotion, target) }
    }
}
