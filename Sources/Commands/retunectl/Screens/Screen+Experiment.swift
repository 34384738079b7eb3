package import API
import Glibc
import Values

extension Screen {
    /// The one that goes on, else the latest.
    package static func currentExperiment(_ experiments: [ExperimentView]) -> ExperimentView? {
        let latest = experiments.sorted { $0.started < $1.started }
        return latest.last { $0.state != .decided } ?? latest.last
    }

    package static func noExperiment(_ deployment: DeploymentView) -> String {
        "\(deployment.name) has had no experiment yet; \(served(deployment.serving.adapter)) serves everybody. "
            + loop(deployment)
    }

    private static func loop(_ deployment: DeploymentView) -> String {
        let loop = deployment.cycle.map { "The loop is \(words($0.state))." } ?? "The loop is watching."
        return loop + (deployment.cycle?.next.map { "\nNext: \($0)" } ?? "")
    }

    package static func experiments(_ list: ExperimentList) -> String {
        guard !list.experiments.isEmpty else { return "There has been no experiment yet." }
        var table = TextTable([
            ("experiment", .left), ("state", .left), ("started", .left), ("candidate", .left), ("incumbent", .left),
            ("difference", .right), ("decision", .left),
        ])
        for view in list.experiments {
            table.append([
                view.id, view.state.rawValue, Figures.time(view.started), view.candidate, served(view.incumbent),
                view.looks.last?.difference.map { Figures.fixed($0, signed: true) } ?? "–",
                view.decision ?? "–",
            ])
        }
        return table.text
    }

    /// One screen from which the owner of a product sees how the test stands.
    package static func experiment(_ view: ExperimentView) -> String {
        let what = view.design.holdBack ? "Hold-back" : "Experiment"
        var lines = ["\(what) \(view.id) of \(view.deployment): \(view.candidate) against \(served(view.incumbent))"]
        if view.design.holdBack, view.state != .decided {
            lines.append(
                "\(view.candidate) was promoted and serves; \(Figures.short(view.exposure))% of the units keep "
                    + "\(served(view.incumbent)), so that harm is seen")
        }
        lines.append(standing(view))
        if view.design.holdBack, view.decision == "stopForHarm" {
            lines.append("\(view.candidate) was taken back: everybody got \(served(view.incumbent)) again")
        }
        lines.append("")
        lines += arms(view)
        lines.append("")
        lines += difference(view)
        lines.append("")
        lines += checks(view)
        lines.append("")
        lines += ramp(view)
        lines.append("")
        lines += decision(view)
        return lines.joined(separator: "\n")
    }

    /// Of a decided test: with what serves now, and with the cycle that is under way.
    package static func experiment(_ view: ExperimentView, in deployment: DeploymentView) -> String {
        let serving = deployment.serving
        var text = experiment(view)
        text += "\nServing   \(served(serving.adapter)) since \(Figures.time(serving.since)) UTC: \(serving.reason)"
        if deployment.cycle?.id != nil { text += "\n\n\(loop(deployment))" }
        return text
    }

    private static func standing(_ view: ExperimentView) -> String {
        let started = "since \(Figures.time(view.started)) UTC"
        switch view.state {
        case .planned: return "planned; nobody is enrolled yet"
        case .running, .paused:
            let held = view.heldBy.map { ", held there by \($0)" } ?? ""
            return (view.state == .paused ? "\(started), paused" : "running \(started)")
                + ", step \(view.step) of \(view.ramp.count): "
                + "\(Figures.short(view.exposure))% of the units in each arm" + held
        case .decided:
            let ended = view.ended.map { ", decided \(Figures.time($0)) UTC" } ?? ""
            return "ran \(started)\(ended)"
        }
    }

    private static func arms(_ view: ExperimentView) -> [String] {
        var table = TextTable([
            ("arm", .left), ("adapter", .left), ("units", .right), ("rated", .right), ("mean \(view.goal)", .right),
            ("interval", .left),
        ])
        for arm in view.arms {
            table.append([
                arm.arm, served(arm.adapter), Figures.grouped(arm.units), Figures.grouped(arm.rated),
                arm.mean.map { Figures.fixed($0) } ?? "–", Figures.interval(arm.interval),
            ])
        }
        var lines = table.lines
        for arm in view.arms {
            guard let aside = arm.aside else { continue }
            lines.append(
                "set aside, \(arm.arm): \(Figures.counted(aside.ratings, "rating")) of "
                    + "\(Figures.counted(aside.rated, "unit")), mean \(Figures.fixed(aside.mean)): the unit or the rater was not there when it began"
                    + (aside.why == "burst" ? ", and came in a burst" : ""))
        }
        lines += bursts(view)
        for arm in view.arms {
            guard let both = arm.inBothArms else { continue }
            lines.append(
                "left out, \(arm.arm): \(Figures.counted(both, "unit")) that the other arm's adapter answered too")
        }
        if view.state != .decided {
            for arm in view.arms {
                guard let failing = arm.failing else { continue }
                lines.append("failing now, \(arm.arm): the last request of \(Figures.counted(failing, "unit"))")
            }
        }
        guard let pinned = view.pinned else { return lines }
        return lines + [
            "pinned: \(Figures.counted(pinned.candidate, "unit")) to the candidate, \(Figures.grouped(pinned.incumbent)) never get one; they do not count"
        ]
    }

    /// The bet against harm, valid from the first unit: how far it is from stopping the experiment.
    private static func harm(_ look: LookView, of view: ExperimentView) -> String {
        let wealth = Figures.fixed(exp(look.harmLogWealth), 2)
        let watchesLatest = view.design.holdBack && view.design.latest == true
        let needed = 1 / (0.65 * (watchesLatest ? 0.5 : 0.95) * view.harmAlpha)
        let others = watchesLatest ? "; so do the units' last ratings" : ""
        return "  for harm, from the first unit on: \(Figures.counted(look.harmPairs, "pair")) of units, evidence "
            + "\(wealth) of the \(Figures.fixed(needed, 2)) that stop it; two planned comparisons may too\(others)"
    }

    private static func difference(_ view: ExperimentView) -> [String] {
        let level = Figures.short((1 - view.alpha) * 100)
        var lines = ["Difference in \(view.goal), candidate minus incumbent, with its \(level)% confidence sequence"]
        if let margin = view.design.margin {
            lines.append("  to be shown: that the candidate is not worse by \(Figures.short(margin)) (non-inferiority)")
        }
        for goal in view.guardrails where goal.role == "goal" {
            let values = [goal.incumbent, goal.candidate].map { $0.map { Figures.short($0) } ?? "–" }
            lines.append(
                "  and that \(goal.name) is better: \(goal.detail) (incumbent \(values[0]), candidate \(values[1]))")
        }
        guard let look = view.looks.last else { return lines + ["  no look yet"] }
        guard let difference = look.difference, let ends = look.interval, ends.count == 2 else {
            if areAlike(view), let mean = view.arms.first?.mean {
                return lines + ["  none: all ratings so far are \(Figures.fixed(mean))"]
            }
            return lines + [
                "  too few ratings to say: \(Figures.counted(look.rated, "rated unit")) "
                    + "at the look of \(Figures.time(look.time)) UTC"
            ]
        }
        // Scores lie in [0, 1], though what a few ratings leave open is more.
        let interval = ends.map { min(1, max(-1, $0)) }
        lines.append("  \(Figures.fixed(difference, signed: true))   (\(Figures.interval(interval, signed: true)))")
        if let relative = look.relative, relative.count == 3, relative[1] > -1 {
            let figures = relative.map { "\(Figures.fixed($0 * 100, 1, signed: true))%" }
            lines.append("  that is \(figures[0]) of the incumbent's mean (\(figures[1]) to \(figures[2]))")
        }
        lines.append("  " + bar(difference: difference, interval: interval, minimumEffect: view.minimumEffect))
        lines.append(
            "  \(Figures.counted(view.looks.count, "look")), the last at \(Figures.time(look.time)) UTC with "
                + "\(Figures.counted(look.rated, "rated unit")); looking often does not spoil it")
        lines += adjustment(view, look)
        if let perRequest = look.perRequest {
            lines.append(
                "  by request, rated or not: good \(Figures.fixed(perRequest.good, signed: true)), bad "
                    + "\(Figures.fixed(perRequest.bad, signed: true))")
            lines.append(
                "  were all missing ratings against it, or all for it: "
                    + Figures.interval(perRequest.bounds, signed: true))
        }
        return lines + [harm(look, of: view)]
    }

    /// The interval on a line around 0: `│` is no difference, `●` the estimate, `━` the interval.
    static func bar(difference: Double, interval: [Double], minimumEffect: Double) -> String {
        let half = 20
        let reach = max(interval[0].magnitude, interval[1].magnitude, minimumEffect.magnitude, 1e-9)
        func column(_ value: Double) -> Int {
            min(2 * half, max(0, half + Int((value / reach * Double(half)).rounded())))
        }
        var cells = [Character](repeating: "·", count: 2 * half + 1)
        let (lower, upper) = (column(interval[0]), column(interval[1]))
        for index in min(lower, upper)...max(lower, upper) { cells[index] = "━" }
        cells[half] = "│"
        cells[column(difference)] = "●"
        let end = Figures.fixed(reach, signed: true)
        return "worse \(Figures.fixed(-reach)) \(String(cells)) \(end) better"
    }

    private static func checks(_ view: ExperimentView) -> [String] {
        var lines = ["Guardrails"]
        if view.guardrails.isEmpty { lines.append("  none measured yet") }
        for guardrail in view.guardrails {
            var figures: [String] = []
            if let incumbent = guardrail.incumbent { figures.append("incumbent \(Figures.short(incumbent))") }
            if let candidate = guardrail.candidate { figures.append("candidate \(Figures.short(candidate))") }
            let shown = figures.isEmpty ? "" : " (\(figures.joined(separator: ", ")))"
            let signal = guardrail.role == "signal" ? "signal " : ""
            if guardrail.role == "goal" { continue }
            lines.append(
                "  \(guardrail.ok ? "ok    " : "BROKEN")  \(signal)\(guardrail.name): \(guardrail.detail)\(shown)")
        }
        lines.append("Sample ratio")
        for (name, check) in [
            ("units", view.sampleRatio.assignments), ("raters", view.sampleRatio.raters),
        ] {
            lines.append(
                "  \(check.ok ? "ok    " : "BROKEN")  \(name): \(Figures.grouped(check.incumbent)) incumbent, "
                    + "\(Figures.grouped(check.candidate)) candidate, p \(Figures.fixed(check.pValue))")
        }
        let requests = view.sampleRatio.requests
        let shares = [requests.incumbent, requests.candidate].map { $0.map { "\(Figures.short($0 * 100))%" } ?? "–" }
        lines.append(
            "  \(requests.ok ? "ok    " : "BROKEN")  rated requests: \(shares[0]) of the incumbent's, "
                + "\(shares[1]) of the candidate's")
        return lines
    }

    private static func ramp(_ view: ExperimentView) -> [String] {
        ["Ramp"]
            + view.ramp.enumerated().map { index, step in
                let share = "\(Figures.short(step.exposure))% in each arm"
                let state: String
                if let ended = step.ended {
                    state = "done \(Figures.time(ended)) UTC" + (step.reason.map { ": \($0)" } ?? "")
                } else if let started = step.started {
                    state = view.state == .decided ? "reached" : "now, since \(Figures.time(started)) UTC"
                } else {
                    let asks = view.design.approvalSteps?.contains(index + 1) == true
                    state = view.state == .decided ? "not reached" : asks ? "later, when a person approves it" : "later"
                }
                return "  \(index + 1)  \(share)  \(state)"
            }
    }

    private static func decision(_ view: ExperimentView) -> [String] {
        var lines: [String] = []
        if let decision = view.decision {
            lines.append("Decision  \(decision)")
        } else {
            lines.append("Decision  none yet: \(open(view))")
        }
        if let left = view.daysLeft { lines.append("Days left \(daysLeft(left, of: view))") }
        if let reason = view.reason { lines.append("Why       \(reason)") }
        if let next = view.next { lines.append("Next      \(next)") }
        return lines
    }

    private static func areAlike(_ view: ExperimentView) -> Bool {
        view.arms.allSatisfy { $0.rated > 1 && $0.mean != nil && $0.mean == view.arms.first?.mean }
    }

    private static func daysLeft(_ left: DaysLeftView, of view: ExperimentView) -> String {
        let latest = "\(Figures.fixed(left.longest, 1)), until \(Figures.time(left.until)) UTC"
        if view.design.holdBack { return latest }
        guard let expected = left.expected else { return "at most \(latest)" }
        return "about \(Figures.fixed(expected, 1)) if difference and traffic stay as they are; at most \(latest)"
    }

    private static func open(_ view: ExperimentView) -> String {
        if view.design.holdBack { return "harm would be one" }
        guard let interval = view.looks.last?.interval, interval.count == 2 else {
            return areAlike(view) ? "all ratings so far are alike" : "too little is rated so far"
        }
        if interval[0] > 0 {
            let checks = [view.sampleRatio.assignments.ok, view.sampleRatio.raters.ok, view.sampleRatio.requests.ok]
            return checks.contains(false)
                ? "the candidate looks better, but the arms are not comparable (sample ratio)"
                : "the candidate looks better; not enough units yet, or the requests do not tell what the ratings tell"
        }
        if interval[1] < 0 { return "the candidate is worse" }
        if let goal = view.guardrails.first(where: { $0.role == "goal" }) {
            let isWorse = interval[0] <= -(view.design.margin ?? 0)
            return isWorse ? "the ratings may still be worse" : "\(goal.name) is not shown to be better yet"
        }
        return "the interval still holds 0, so the two may be equal"
    }
}
