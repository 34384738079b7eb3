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

    /// Promotes the candidate, with kills between the sending of the word and the delivery of the news.
    func promote(_ id: String) async throws {
        let action = action("promote", ["cycle": .string(id)])
        var (kills, isAnswered) = (min(3, test.wanted(.promotion)), false)
        let isMeasured = number == 1 && !test.settings.isShort && memory.withLock { $0.sums.promotions == 1 }
        if isMeasured { kills = 0 }
        let began = WallClock.seconds
        while kills > 0, try await cycle(id).hasEnded == false {
            kills -= 1
            if try await promoteAndKill(action) {
                isAnswered = true
                if try await cycle(id).state == "experimenting" {
                    tally.note([CrashFault(.lost, "the promotion in \(id) was answered with 202 and is not begun")])
                }
            }
        }
        if !isAnswered, try await cycle(id).hasEnded == false, let answer = await send(action) {
            // 409: the experiment came to its own decision first.
            guard answer.status == 202 else {
                if answer.status == 409 { return }
                throw DemoFailure("promote was answered \(answer.status): \(answer.text)")
            }
        }
        guard isMeasured, try await cycle(id).steps.contains(where: { $0.state == "promoting" }) else { return }
        try await wait("the news of the promotion in \(id)") {
            receiver.deliveries.contains { $0.type == "adapter.promoted" && $0.cycle == id }
        }
        test.lengths.withLock { $0.seconds[.promotion] = WallClock.seconds - began }
    }

    /// Sends the word and kills at a random instant from then on; true: it was answered with 202 before.
    private func promoteAndKill(_ action: JSONValue) async throws -> Bool {
        let instant = test.draw() * (test.lengths.value.seconds[.promotion] ?? 0.1)
        let target = target(in: .promotion)
        async let sent = send(action)
        try await Task.sleep(for: .seconds(instant))
        if try await kill(target) { count(.promotion, target) }
        let answer = await sent
        try await untilServing()
        try await quickLook()
        return answer?.status == 202
    }
}
