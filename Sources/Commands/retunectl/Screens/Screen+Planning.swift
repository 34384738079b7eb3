package import API

extension Screen {
    /// What an experiment that began now could decide.
    package static func plan(_ view: PlanView) -> String {
        var lines = [view.detail]
        let days = view.days.map { "\(Figures.fixed($0, 1)) days" } ?? "unknown"
        lines.append("  can be decided   \(view.feasible ? "yes" : "NO")")
        lines.append("  takes about      \(days), ramp included; \(Figures.short(view.longestDays)) days are allowed")
        if let goal = view.goal {
            let effect =
                goal.relative ? "\(Figures.short(goal.minimumEffect * 100))%" : Figures.short(goal.minimumEffect)
            let mean = goal.mean.map { " of a mean of \(Figures.short($0))" } ?? ""
            let days =
                goal.days.map { "about \(Figures.fixed($0, 1)) days" } ?? (goal.mean == nil ? "not planned" : "never")
            lines.append("  to be shown      \(goal.metric) better by \(effect)\(mean): \(days)")
            lines.append(
                "                   and that the ratings are not worse by \(Figures.short(view.design.margin ?? 0))")
        } else {
            lines.append("  to be shown      a difference of \(Figures.short(view.minimumEffect))")
        }
        lines.append(
            "  counted          at most \(Figures.counted(view.design.ratingsPerRaterPerDay, "rating")) of a rater a day, and "
                + "\(view.design.ratingsPerUnitPerDay) of a unit"
                + (view.design.requestsPerUnitPerDay.map { "; of requests of a unit the first \($0) a day" } ?? ""))
        if let asked = askedSteps(view.design.approvalSteps) { lines.append("  asks             \(asked)") }
        if let smallest = view.smallestEffect {
            let what = view.goal == nil ? "a difference" : "a difference of the ratings"
            lines.append("  at the least     \(what) of \(Figures.short(smallest)) could be shown in that time")
        }
        lines.append(
            "  traffic          \(Figures.fixed(view.requestsPerDay, 1)) requests, \(Figures.fixed(view.ratingsPerDay, 1)) ratings a day; "
                + "\(Figures.fixed(view.ratedShare * 100, 0))% of the units rate (\(Figures.fixed(view.logDays, 1)) days of log)"
        )
        if let mean = view.mean { lines.append("  mean score       \(Figures.fixed(mean))") }
        if let needed = view.ratingsNeeded {
            lines.append("  needs            \(Figures.counted(needed, "rating")) of both arms")
        }
        if !view.harm.isEmpty {
            lines.append(
                "  what would be stopped for harm, if users come as they did (unless it is given up before, which ends it too)"
            )
            var table = TextTable([
                ("    difference", .right), ("stopped in time", .right), ("rated candidates until then", .right),
                ("days", .right),
            ])
            for harm in view.harm {
                table.append([
                    Figures.fixed(harm.difference, 2), "\(Figures.fixed(harm.stopped * 100, 0))%",
                    harm.candidates.map(Figures.grouped) ?? "–", harm.days.map { Figures.fixed($0, 1) } ?? "–",
                ])
            }
            lines += table.lines
        }
        lines += offers(view.offers ?? [])
        if !view.options.isEmpty {
            lines.append("  what would help")
            lines += view.options.map { "    - \($0)" }
        }
        return lines.joined(separator: "\n")
    }

    /// Which steps of the ramp ask for a person; nil: none does.
    private static func askedSteps(_ steps: [Int]?) -> String? {
        guard let steps, let last = steps.last else { return nil }
        guard steps.count > 1 else { return "step \(last) waits for a person's word, which is taken to come at once" }
        let others = steps.dropLast().map(String.init).joined(separator: ", ")
        return "steps \(others) and \(last) wait for a person's word, which is taken to come at once"
    }

    /// What simulated experiments did on the deployment's own log.
    package static func simulation(_ view: SimulationView) -> String {
        var lines = [
            "\(view.deployment): experiments on \(Figures.counted(view.requests, "request")) and "
                + "\(Figures.counted(view.ratings, "rating")) of \(Figures.counted(view.units, "unit")), "
                + "\(Figures.fixed(view.logDays, 1)) days of log; mean score \(Figures.fixed(view.mean)), "
                + "\(Figures.fixed(view.returning * 100, 0))% of the units come back", "",
        ]
        var table = TextTable([
            ("difference", .right), ("promoted", .right), ("(95 %)", .left), ("stopped for harm", .right),
            ("(95 %)", .left), ("given up", .right), ("undecided", .right), ("days to promotion", .right),
            ("days to stop", .right), ("candidates at stop", .right),
        ])
        func share(_ count: Int, _ row: SimulationView.Row) -> String {
            "\(Figures.fixed(Double(count) / Double(row.runs) * 100, 1))%"
        }
        func interval(_ ends: [Double]) -> String {
            "\(Figures.fixed(ends[0] * 100, 1)) to \(Figures.fixed(ends[1] * 100, 1))"
        }
        for row in view.rows {
            table.append([
                Figures.fixed(row.effect, 3, signed: true), share(row.promoted, row), interval(row.promotedInterval),
                share(row.stoppedForHarm, row), interval(row.stoppedInterval), share(row.futile, row),
                share(row.undecided, row), row.daysToPromotion.map { Figures.fixed($0, 1) } ?? "–",
                row.daysToStop.map { Figures.fixed($0, 1) } ?? "–", row.candidatesAtStop.map(Figures.grouped) ?? "–",
            ])
        }
        lines += table.lines
        lines.append("")
        lines.append(
            "\(Figures.counted(view.rows.first?.runs ?? 0, "experiment")) a row, at most \(Figures.short(view.longestDays)) days each; days and candidates are medians."
        )
        if let asked = askedSteps(view.approvalSteps) { lines.append("Of the ramp, \(asked).") }
        if let improvement = view.improvement {
            lines.append(
                "The candidate is better by \(Figures.short(improvement * 100))% in the metric that is the goal; the differences are those of the ratings."
            )
        }
        return lines.joined(separator: "\n")
    }

    /// Whether a decided experiment comes out again.
    package static func replay(_ view: ReplayView) -> String {
        var lines = [
            "Experiment \(view.experiment) of \(view.deployment): \(view.agreeing) of "
                + "\(Figures.counted(view.looks, "look")) come out as recorded",
            "  recorded   \(view.recorded ?? "goes on")",
            "  comes out  \(view.replayed ?? "no decision")",
        ]
        if view.recorded == "stopped" {
            lines.append(
                "  It was ended from outside (an operator, a later experiment, the end of a hold-back), which no look decides."
            )
        }
        if let missing = view.missing {
            lines.append(
                "  \(Figures.counted(missing, "look")) that its rows name \(missing == 1 ? "is" : "are") not in it: it is not whole"
            )
        }
        for problem in view.summary ?? [] { lines.append("  \(problem)") }
        if let first = view.firstDifference {
            lines.append("  first difference: look \(first.look), \(Figures.time(first.time)) UTC")
            lines += first.what.map { "    - \($0)" }
        }
        if let gone = view.gone {
            lines.append(
                "  \(Figures.counted(gone, "unit")) that the looks counted are gone (an erasure, or retention); looks from before cannot come out again"
            )
        }
        return lines.joined(separator: "\n")
    }
}
