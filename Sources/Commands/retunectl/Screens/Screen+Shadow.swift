package import API
import Values

extension Screen {
    package static func shadow(_ view: ShadowView) -> String {
        var lines = [
            "Shadow replay of \(view.cycle), \(view.deployment): \(view.candidate) against \(view.incumbent), since \(Figures.time(view.started)) UTC",
            "",
            "answered  \(Figures.grouped(view.answered)) of \(Figures.counted(view.pairs, "pair"))"
                + (view.alike > 0 ? ", \(Figures.grouped(view.alike)) of them the same, which need no judge" : "")
                + (view.failed > 0 ? ", \(Figures.grouped(view.failed)) given up" : ""),
            "judged    \(Figures.counted(view.judgedPairs, "pair")) of \(Figures.counted(view.judgedUnits, "unit"))"
                + " (nothing is decided before \(view.burnInUnits))",
            view.ended == nil
                ? "mean      shown when it has ended: judges could learn from it whose answer is whose"
                : "mean      \(view.mean.map { Figures.fixed($0) } ?? "–"), sequence \(Figures.interval(view.interval))"
                    + " (1: the candidate is better, 0.5: alike)",
        ]
        if view.trainedUnits > 0 {
            lines.append(
                "note      \(Figures.counted(view.trainedUnits, "unit")) had rows in the candidate's training; too few others have asked"
            )
        }
        if let ended = view.ended {
            lines.append("ended     \(Figures.time(ended)) UTC, \(view.decision ?? "stopped"): \(view.reason)")
        } else {
            lines.append("next      \(view.next ?? view.reason)")
        }
        return lines.joined(separator: "\n")
    }

    /// A pair as a judge sees it.
    package static func pair(_ pair: ShadowPairRow, place: String) -> String {
        var lines = ["", "── pair \(pair.pair) (\(place)) ──"]
        for message in pair.messages {
            lines.append("\(message.role): \(printable(message.content.stringValue ?? ""))")
        }
        lines += ["", "1: \(printable(pair.first))", "", "2: \(printable(pair.second))", ""]
        return lines.joined(separator: "\n")
    }

    /// What people wrote, without what a terminal would obey.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar == "\n" || scalar == "\t" || scalar.value >= 32 && !(127..<160).contains(scalar.value)
                        ? scalar : "\u{FFFD}"
                }))
    }
}
