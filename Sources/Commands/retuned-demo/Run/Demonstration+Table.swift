import Foundation
import Locking
import Values

extension Demonstration {
    /// Prints what came of it, and proves from the dossier where the training rows come from.
    func table(_ stage: Stage, _ result: Outcome) async throws {
        let line = { [timeline] (name: String, text: String) in
            timeline.plain("  \(name)\(String(repeating: " ", count: max(1, 34 - name.count)))\(text)")
        }
        timeline.plain()
        timeline.plain("What came of it")
        if let before = result.measured["before"] {
            let isAgain = settings.scenario == .again
            line("right answers", "old traffic         new traffic\(isAgain ? "         next traffic" : "")")
            for (label, name) in [
                ("before", "incumbent, before the shift"), ("before", "incumbent, after the shift"),
                ("after-0", "candidate"), ("after-1", "second candidate"),
            ] {
                guard let measured = result.measured[label] else { continue }
                let sets = isAgain ? ["old", "new", "next"] : ["old", "new"]
                let cells = sets.map { set in
                    // Before the shift nobody writes the new kind.
                    let text =
                        label == "before" && name.hasSuffix("before the shift") && set != "old"
                        ? "–" : Share(measured[set]).text
                    return text + String(repeating: " ", count: max(1, 20 - text.count))
                }
                line("  \(name)", cells.joined())
            }
            for (label, set) in [("after-0", "new"), ("after-0", "old"), ("after-1", "next"), ("after-1", "old")] {
                guard let after = result.measured[label],
                    let gain = PairedGain(before[set]?.stringValue, after[set]?.stringValue)
                else { continue }
                line("change on \(set) test messages", "\(gain.text) against the first incumbent")
            }
        }
        line("(test messages asked directly; \(Share.note))", "")
        livePhases(line)
        for cycle in result.cycles { try await cycleRows(cycle, stage, result, line) }
        let deliveries = receiver.deliveries
        let verified = deliveries.count(where: \.isVerified)
        line("webhooks", "\(deliveries.count) received, \(verified) signatures verified")
        for delivery in deliveries {
            line("", "\(delivery.type)\(delivery.isVerified ? "" : " (signature WRONG)"): \(delivery.summary)")
        }
        if verified != deliveries.count { throw DemoFailure("a webhook's signature did not verify") }
    }

    private func livePhases(_ line: (String, String) -> Void) {
        let phases = live.value.phases.map { ($0["mix"]?.stringValue ?? "", $0) }
        var rated = 0
        var asked = 0
        var bad = 0
        var corrected = 0
        for (mix, phase) in phases {
            func count(_ name: String) -> Int { phase[name]?.intValue ?? 0 }
            asked += count("asked") - count("failed")
            rated += count("rated")
            bad += count("bad")
            corrected += count("corrected")
            var parts: [String] = []
            for adapter in phase["adapters"]?.objectValue?.members ?? [] {
                let answered = adapter.value["answered"]?.intValue ?? 0
                guard answered > 0 else { continue }
                parts.append(
                    "\(adapter.name) \(Figures.percent(Double(adapter.value["right"]?.intValue ?? 0) / Double(answered))) of \(answered)"
                )
            }
            line("live, \(mix) traffic", "right answers: " + parts.joined(separator: ", "))
            if count("failed") > 0 {
                line("", "\(count("failed")) requests failed: \(phase["failure"]?.stringValue ?? "")")
            }
        }
        guard asked > 0 else { return }
        line(
            "live ratings",
            "\(Figures.percent(Double(rated) / Double(asked))) of \(asked) answers rated; \(Figures.percent(Double(corrected) / Double(max(1, bad)))) of \(bad) bad ratings with a correction"
        )
    }

    private func cycleRows(
        _ cycle: String, _ stage: Stage, _ result: Outcome, _ line: (String, String) -> Void
    ) async throws {
        let path = "/v1/deployments/\(Self.deployment)"
        guard let dossier = try await stage.operators.read("\(path)/cycles/\(cycle)/dossier") else {
            throw DemoFailure("cycle \(cycle) has no dossier")
        }
        line("cycle \(cycle)", dossier["state"]?.stringValue ?? "")
        if let probe = dossier["probe"] {
            let ends = probe["interval"]?.arrayValue?.compactMap(\.doubleValue) ?? []
            line(
                "  captured impact C",
                "\(probe["capturedImpact"]?.doubleValue.map { Figures.number($0, 3) } ?? "–") (\(ends.map { Figures.number($0, 3) }.joined(separator: " to "))), branch \(probe["branch"]?.stringValue ?? "")"
            )
        }
        if let gate = dossier["gate"] {
            line("  gate", gate["reason"]?.stringValue ?? gate.text)
            if let old = gate["old"], let estimate = old["estimate"]?.doubleValue, let lower = old["lower"]?.doubleValue
            {
                line(
                    "",
                    "\(old["rows"]?.intValue ?? 0) old rows of \(old["units"]?.intValue ?? 0) units: \(Figures.points(estimate)) points (one-sided 95 % bound \(Figures.points(lower)))"
                )
            }
        }
        if let experiment = dossier["experiment"], let id = experiment["id"]?.stringValue {
            try await experimentRows(id, stage, line)
        }
        training(dossier, line)
        try await proof(dossier, stage, line)
    }

    private func experimentRows(_ id: String, _ stage: Stage, _ line: (String, String) -> Void) async throws {
        guard let view = try await stage.operators.read("/v1/deployments/\(Self.deployment)/experiments/\(id)") else {
            return
        }
        let last = view["looks"]?.arrayValue?.last
        let ends = last?["interval"]?.arrayValue?.compactMap(\.doubleValue).map(Figures.points) ?? []
        line(
            "  experiment \(id)",
            "\(view["decision"]?.stringValue ?? "running"): difference \(last?["difference"]?.doubleValue.map(Figures.points) ?? "–") points (\(ends.joined(separator: " to "))) on \(last?["rated"]?.intValue ?? 0) rated units, \(view["looks"]?.arrayValue?.count ?? 0) looks"
        )
        line("", view["reason"]?.stringValue ?? "")
        let check = try await Recomputation(
            client: stage.operators, deployment: Self.deployment, experiment: id
        ).run()
        line(
            "  worked out again",
            "\(check.agreeing) of \(check.looks) looks agree from the exported assignments, ratings and requests alone")
        for problem in check.problems.prefix(3) { line("", problem) }
    }

    private func training(_ dossier: JSONValue, _ line: (String, String) -> Void) {
        let result = [dossier["trainingResult"], dossier["settings"]?["trainingResult"], dossier["settings"]]
            .compactMap { $0 }.first { $0["metrics"] != nil }
        let cost = dossier["cost"]?["cpuSeconds"]?.doubleValue
        guard let result else {
            if let cost { line("  cost", "\(Figures.number(cost, 1)) CPU seconds of jobs") }
            return
        }
        let metrics = result["metrics"]
        let seconds = result["cpuSeconds"]?.doubleValue ?? 0
        line(
            "  training",
            "\(Figures.number(seconds, 1)) CPU seconds, \(result["trainedParameters"]?.intValue ?? 0) parameters\(cost.map { "; all jobs \(Figures.number($0, 1)) CPU seconds" } ?? "")"
        )
        if let full = metrics?["fullStepSeconds"]?.doubleValue, let steps = metrics?["steps"]?.doubleValue,
            let step = metrics?["stepSeconds"]?.doubleValue
        {
            line(
                "  full tuning would have cost",
                "\(Figures.number(full * steps, 1)) CPU seconds for the same \(Int(steps)) steps (\(Figures.number(full * 1000, 0)) ms a step measured, against \(Figures.number(step * 1000, 0)) ms)"
            )
        }
        let modules = dossier["selection"]?["modules"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
        if !modules.isEmpty {
            line(
                "  trained modules",
                "\(modules.count): \(modules.prefix(8).joined(separator: ", "))\(modules.count > 8 ? ", …" : "")")
        }
    }

    /// Every training row has to descend from a record that the player was told is accepted.
    private func proof(_ dossier: JSONValue, _ stage: Stage, _ line: (String, String) -> Void) async throws {
        let rows = dossier["training"]?.arrayValue ?? []
        guard !rows.isEmpty else {
            line("  training rows", "none")
            return
        }
        let accepted = try await stage.player.order(["do": "accepted"], answeredBy: "accepted")
        let interactions = Set(accepted["interactions"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        let ratings = Set(accepted["ratings"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        var strangers = 0
        var sets: [String: Int] = [:]
        for row in rows {
            sets[row["set"]?.stringValue ?? "", default: 0] += 1
            let isKnown = row["interaction"]?.stringValue.map(interactions.contains) ?? false
            let isRated = row["rating"]?.stringValue.map(ratings.contains) ?? false
            if !isKnown || !isRated { strangers += 1 }
        }
        let counts = sets.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        line(
            "  training rows",
            "\(rows.count) (\(counts)); \(rows.count - strangers) descend from an accepted interaction and its accepted rating"
        )
        if strangers > 0 { throw DemoFailure("\(strangers) training rows descend from no accepted record") }
    }
}
