import API

extension Screen {
    /// What the difference is adjusted by, and what is missing for it.
    static func adjustment(_ view: ExperimentView, _ look: LookView) -> [String] {
        var lines: [String] = []
        if let kept = look.varianceKept {
            let what = look.difficulty == true ? "and by how difficult their first queries are, " : ""
            lines.append(
                "  adjusted by what the units rated before, \(what)which leaves "
                    + "\(Figures.short((kept * 100).rounded()))% of the squared error")
        }
        let means = view.arms.compactMap(\.mean)
        if let difference = look.difference, means.count == 2, difference * (means[1] - means[0]) < 0 {
            lines.append(
                "  the means of the arms differ the other way, by \(Figures.fixed(means[1] - means[0], signed: true)): "
                    + "who is in them rated as otherwise before")
        }
        if let share = look.raterShare {
            lines.append(
                "  people who rate the answers to others make \(Figures.short((share * 100).rounded()))% of the squared error: "
                    + "the more, the less alike they treat the arms")
        }
        guard let difficulty = view.difficulty else { return lines }
        let trouble = difficulty.trouble.map { "; \($0)" } ?? ""
        lines.append(
            "  how difficult first queries are: the incumbent was asked for \(Figures.counted(difficulty.asked, "rated unit"))"
                + (difficulty.waiting > 0 ? ", \(Figures.grouped(difficulty.waiting)) wait" : "") + trouble)
        return lines
    }
}
