import Locking
import OutboundHTTP
import Values

extension Player {
    private static var concurrency: Int { 48 }

    /// Plays until the state says to stop: messages at the pace, and the ratings that they bring.
    func playTraffic() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.concurrency { group.addTask { await self.askWhilePlaying() } }
            group.addTask { await self.postRatings() }
            group.addTask { await self.sayProgress() }
        }
    }

    private struct Turn {
        var number: Int
        var message: TrafficMessage
        var hostile: Double
        var due: Double
    }

    /// The next message in its turn; nil at the end. Where answers are slower than the pace, the pace waits for them.
    private func takeTurn() -> Turn? {
        state.withLock { state in
            guard state.isPlaying else { return nil }
            let position = state.positions[state.mix, default: 0]
            state.positions[state.mix] = position + 1
            state.number += 1
            state.due = max(state.due + 1 / settings.pace, WallClock.seconds - 0.5)
            return Turn(
                number: state.number, message: pools.message(state.mix, at: position), hostile: state.hostile,
                due: state.due)
        }
    }

    private func askWhilePlaying() async {
        while let turn = takeTurn() {
            let wait = turn.due - WallClock.seconds
            if wait > 0 { try? await Task.sleep(for: .seconds(wait)) }
            await ask(turn)
        }
    }

    private func ask(_ turn: Turn) async {
        let user = self.user(turn.number)
        do {
            let answer = try await client.call(
                "POST", "/v1/chat/completions",
                body: Self.request(settings.deployment, turn.message, user: "user-\(user)"))
            guard answer.status == 200, let interaction = answer.headers["retuned-interaction"],
                let text = Self.text(of: try JSONValue(parsing: answer.body))
            else {
                failed("\(answer.status): \(answer.text.prefix(200))")
                return
            }
            answered(
                turn, user: user, interaction: interaction, text: text,
                adapter: answer.headers["retuned-adapter"] ?? "unknown",
                isLogged: answer.headers["retuned-logged"] != "false")
        } catch {
            failed("\(error)")
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    private func failed(_ reason: String) {
        state.withLock { state in
            state.phase.asked += 1
            state.phase.failed += 1
            if state.phase.firstFailure == nil { state.phase.firstFailure = reason }
        }
    }

    private func answered(
        _ turn: Turn, user: Int, interaction: String, text: String, adapter: String, isLogged: Bool
    ) {
        let isRight = Rater.isRight(text, turn.message)
        // Who became honest meanwhile rates honestly.
        let hostile = min(turn.hostile, state.withLock { $0.hostile })
        let judgement = rater.judge(
            text, to: turn.message, number: turn.number, isHostile: rater.isHostile(user: user, share: hostile))
        let (now, time) = (WallClock.seconds, WallClock.now())
        state.withLock { state in
            state.phase.asked += 1
            if isRight { state.phase.right += 1 }
            state.phase.byAdapter[adapter, default: (0, 0)].answered += 1
            if isRight { state.phase.byAdapter[adapter, default: (0, 0)].right += 1 }
            guard isLogged else {
                state.phase.unlogged += 1
                return
            }
            state.acceptedInteractions.append(interaction)
            guard let judgement else { return }
            state.phase.rated += 1
            if !judgement.isGood { state.phase.bad += 1 }
            if judgement.correction != nil { state.phase.corrected += 1 }
            if judgement.delay > 0 { state.phase.late += 1 }
            let rating = Rating(
                id: "r-\(interaction)", interaction: interaction, time: time.advanced(bySeconds: judgement.delay),
                isGood: judgement.isGood, correction: judgement.correction)
            state.waiting.append((now + judgement.delay, rating, false))
            if judgement.isSentTwice {
                state.phase.twice += 1
                state.waiting.append((now + judgement.delay + 2, rating, true))
            }
        }
    }

    /// Sends ratings that are due, several times a second; at the end all that are left.
    private func postRatings() async {
        while true {
            let (due, isLast) = state.withLock { state in
                let limit = state.isPlaying ? WallClock.seconds : .infinity
                let due = state.waiting.filter { $0.due <= limit }
                state.waiting.removeAll { $0.due <= limit }
                return (due, !state.isPlaying)
            }
            var rest = due[...]
            while !rest.isEmpty {
                let batch = rest.prefix(500)
                rest = rest.dropFirst(500)
                do {
                    try await post(ratings: batch.map(\.rating))
                } catch {
                    failed("ratings: \(error)")
                    state.withLock { $0.waiting += batch }
                    break
                }
            }
            if isLast { return }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Posts ratings and notes them as accepted.
    func post(ratings: [Rating]) async throws {
        try await client.post("/v1/ratings", .array(ratings.map { $0.posted(deployment: settings.deployment) }))
        state.withLock { $0.acceptedRatings += ratings.map(\.id) }
    }

    private func sayProgress() async {
        var last = state.withLock { $0.phase }
        var lastTime = WallClock.seconds
        while true {
            for _ in 0..<25 where state.withLock({ $0.isPlaying }) { try? await Task.sleep(for: .milliseconds(200)) }
            let (phase, mix, isPlaying) = state.withLock { ($0.phase, $0.mix, $0.isPlaying) }
            guard isPlaying else { return }
            let now = WallClock.seconds
            if phase.asked < last.asked { last = Tally() }
            let asked = phase.asked - last.asked
            let answered = asked - (phase.failed - last.failed)
            var fields: [String: JSONValue] = [
                "mix": .string(mix.rawValue), "perSecond": .number(Double(asked) / max(0.001, now - lastTime)),
                "failed": .integer(Int64(phase.failed - last.failed)),
            ]
            if answered > 0 { fields["right"] = .number(Double(phase.right - last.right) / Double(answered)) }
            if let failure = phase.firstFailure { fields["failure"] = .string(failure) }
            say("progress", fields)
            last = phase
            lastTime = now
        }
    }
}
