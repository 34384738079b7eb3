package import API

extension Screen {
    package static func drift(_ view: DriftView) -> String {
        var lines: [String] = []
        if let alarm = view.alarm {
            lines.append("DRIFT in \(view.deployment) since \(Figures.time(alarm.time)) UTC: \(alarm.summary)")
            lines += news(alarm)
        } else {
            lines.append("No drift in \(view.deployment).")
        }
        lines.append("")
        var table = TextTable([
            ("detector", .left), ("state", .left), ("statistic", .right), ("alarm at", .right), ("effect", .right),
            ("seen", .right), ("", .left),
        ])
        for detector in view.detectors {
            table.append([
                detector.name, detector.state, detector.statistic.map { Figures.fixed($0, 2) } ?? "–",
                detector.threshold.map { Figures.fixed($0, 2) } ?? "–",
                detector.effectSize.map { Figures.fixed($0, 2) } ?? "–", Figures.grouped(detector.observations),
                detector.detail,
            ])
        }
        lines += table.lines
        lines.append("false alarms: \(view.falseAlarms)")
        if !view.earlier.isEmpty {
            lines.append("")
            lines.append("Earlier")
            for alarm in view.earlier {
                let ended = alarm.ended.map { " to \(Figures.time($0))" } ?? ""
                lines.append("  \(alarm.id)  \(Figures.time(alarm.time))\(ended) UTC, \(alarm.detector)")
                lines.append("    effect \(Figures.fixed(alarm.effectSize, 2)): \(alarm.summary)")
                lines += news(alarm).map { "  \($0)" }
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func news(_ alarm: AlarmView) -> [String] {
        var lines: [String] = []
        if !alarm.newTerms.isEmpty {
            lines.append("  more frequent now (share of the queries)")
            for term in alarm.newTerms {
                let before = Figures.fixed(term.before * 100, 1)
                lines.append("    \(term.term)  \(before)% → \(Figures.fixed(term.after * 100, 1))%")
            }
        }
        if !alarm.newQueries.isEmpty {
            lines.append("  new queries, for example")
            lines += alarm.newQueries.map { "    “\($0)”" }
        }
        return lines
    }
}
