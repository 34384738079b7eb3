import Foundation
import Locking
import Values

extension Demonstration {
    /// Plays the scenario and says how it ended.
    func play(_ stage: Stage, _ result: inout Outcome) async throws -> Ending {
        var follower = LoopFollower(client: stage.operators, deployment: Self.deployment, timeline: timeline)
        try await follower.refresh()
        result.incumbent = follower.servedAdapter
        let model = settings.adapter.isEmpty ? "base" : "incumbent"
        timeline.say(
            "earlier weeks: the rated part of \(settings.history) messages of reference traffic, asked from a second engine and posted to /v1/interactions with the incumbent's own answers and honest ratings"
        )
        result.history = try await stage.player.order(
            [
                "do": "history", "count": .integer(Int64(settings.history)), "engine": .string(stage.engine),
                "model": .string(model), "adapter": .string(result.incumbent ?? Self.deployment),
                "seconds": .number(20 * 86_400 / stage.timeScale),
            ], answeredBy: "history")
        let asked = Double(result.history["asked"]?.intValue ?? 0)
        timeline.say(
            "    posted; \(Figures.percent(Double(result.history["right"]?.intValue ?? 0) / max(1, asked))) were right")
        result.measured["before"] = try await measure("before", model: model, stage)
        timeline.say("live traffic begins, of the kind that the model knows")
        await stage.player.order(["do": "traffic", "mix": "reference", "hostile": 0])
        try await follow(&follower, stage, for: settings.steady) { _ in false }
        if settings.scenario == .steady { return try await endSteady(stage, follower, &result) }
        let ending = try await turn(0, mix: "shift", words: settings.shifts, stage, &follower, &result)
        if settings.scenario == .again, ending == .promoted {
            return try await playAgain(stage, &follower, &result)
        }
        return ending
    }

    private func endSteady(_ stage: Stage, _ follower: LoopFollower, _ result: inout Outcome) async throws -> Ending {
        try await stopPlayer(stage)
        result.cycles = follower.cycles.compactMap { $0["id"]?.stringValue }
        guard let cycle = follower.cycles.last else {
            return follower.servedAdapter == result.incumbent ? .nothing : .invalid
        }
        timeline.say("a cycle began though nothing changed: \(cycle["trigger"]?.stringValue ?? "")")
        return LoopFollower.hasEnded(cycle)
            ? try await follower.ending(of: cycle, before: result.incumbent) : .undecided
    }

    /// Moves the traffic and follows the cycle that this brings to its end.
    private func turn(
        _ number: Int, mix: String, words: [String], _ stage: Stage, _ follower: inout LoopFollower,
        _ result: inout Outcome
    ) async throws -> Ending {
        let incumbent = follower.servedAdapter
        timeline.say("the traffic moves to \(words.joined(separator: " and "))")
        await stage.player.order(["do": "traffic", "mix": .string(mix), "hostile": .number(settings.hostile)])
        var isHonest = settings.hostile == 0
        let before = follower.cycles.count
        let isOver = try await follow(&follower, stage, for: settings.limit) { follower in
            if !isHonest, follower.state == "experimenting" {
                isHonest = true
                await stage.player.order(["do": "traffic", "mix": .string(mix), "hostile": 0])
                self.timeline.say("from now on every user rates honestly")
            }
            if follower.state == "awaitingApproval" { return true }
            return follower.cycle(before).map(LoopFollower.hasEnded) ?? false
        }
        guard let cycle = follower.cycle(before) else {
            timeline.say("no cycle began")
            try await stopPlayer(stage)
            return .nothing
        }
        result.cycles.append(cycle["id"]?.stringValue ?? "")
        result.candidate = cycle["adapter"]?.stringValue ?? result.candidate
        let ending =
            isOver && follower.state != "awaitingApproval"
            ? try await follower.ending(of: cycle, before: incumbent) : .undecided
        timeline.say("the cycle ended: \(ending.rawValue) (\(cycle["reason"]?.stringValue ?? follower.next))")
        live.withLock { $0.state = ending == .promoted ? "after the promotion" : "after the cycle" }
        await stage.player.order(["do": "traffic", "mix": .string(mix), "hostile": 0])
        try await follow(&follower, stage, for: settings.tail) { _ in false }
        if settings.scenario != .again || ending != .promoted || number > 0 { try await stopPlayer(stage) }
        try await measureCandidate(number, stage, &result)
        if settings.scenario == .harm { result.invalid = Self.harmlessness(result) }
        return ending
    }

    /// Why a run with hostile users shows nothing: the candidate has to be really worse. Nil: it is.
    private static func harmlessness(_ result: Outcome) -> String? {
        guard let after = result.measured["after-0"],
            let gain = PairedGain(result.measured["before"]?["new"]?.stringValue, after["new"]?.stringValue)
        else { return "no candidate was trained, so nothing had to be stopped" }
        return gain.estimate <= -0.05
            ? nil : "the candidate is not at least 5 points worse on new test messages: \(gain.text)"
    }

    /// The second turn: the detectors learn the new normal first, then the traffic moves on.
    private func playAgain(
        _ stage: Stage, _ follower: inout LoopFollower, _ result: inout Outcome
    ) async throws -> Ending {
        timeline.say("the detectors learn what is normal now")
        try await follow(&follower, stage, for: 25) { _ in false }
        return try await turn(1, mix: "next", words: settings.next, stage, &follower, &result)
    }

    private func stopPlayer(_ stage: Stage) async throws {
        _ = try await stage.player.order(["do": "stop"], answeredBy: "stopped")
    }

    /// Polls the loop until `isOver` or the time is up; true: it was over.
    @discardableResult
    private func follow(
        _ follower: inout LoopFollower, _ stage: Stage, for seconds: Double,
        until isOver: (LoopFollower) async throws -> Bool
    ) async throws -> Bool {
        let deadline = WallClock.seconds + seconds
        while WallClock.seconds < deadline {
            try await follower.refresh()
            let text = follower.next
            live.withLock { $0.state = text }
            if try await isOver(follower) { return true }
            for child in children.value where child.exitStatus != nil {
                throw DemoFailure("\(child.name) ended with status \(child.exitStatus ?? 0): \(child.logTail)")
            }
            try await Task.sleep(for: .milliseconds(400))
        }
        return false
    }

    /// Loads the candidate into the second engine and asks it the test messages.
    private func measureCandidate(_ number: Int, _ stage: Stage, _ result: inout Outcome) async throws {
        guard let candidate = result.candidate else { return }
        let name = "candidate-\(number)"
        let engine = ServiceClient(http: http, base: stage.engine)
        try await engine.post(
            "/v1/load_lora_adapter",
            ["lora_name": .string(name), "lora_path": .string("\(stage.stateFolder)/adapters/\(candidate)")])
        result.measured["after-\(number)"] = try await measure("after-\(number)", model: name, stage)
    }

    private func measure(_ label: String, model: String, _ stage: Stage) async throws -> JSONValue {
        try await stage.player.order(
            [
                "do": "measure", "engine": .string(stage.engine), "model": .string(model), "label": .string(label),
            ], answeredBy: "measured")
    }
}
