package import API

extension Screen {
    /// The map as layers × projections: the stronger a cell, the more the traffic asks to change that module. The number
    /// in a cell is the rank that the selection gives it; no number: frozen.
    package static func impact(_ view: ImpactView, inColour: Bool) -> String {
        guard !view.modules.isEmpty else {
            return "No impact map of \(view.deployment) yet: it is measured when a cycle begins."
        }
        var lines = ["Impact map of \(view.deployment)" + (view.cycle.map { ", cycle \($0)" } ?? "")]
        var origin = "\(Figures.counted(view.units, "unit"))"
        if let method = view.method { origin = "method \(method), " + origin }
        if let measured = view.measured { origin += ", measured \(Figures.time(measured)) UTC" }
        lines.append(origin)
        lines.append("")
        lines += grid(view.modules, inColour: inColour)
        lines.append("")
        let selected = view.modules.count { $0.rank > 0 }
        lines.append(
            "\(selected) of \(Figures.counted(view.modules.count, "module")) selected: "
                + "\(Figures.counted(view.selectedParameters, "parameter")) of a budget of "
                + Figures.grouped(view.parameterBudget))
        lines += ranking(view.modules)
        if let probe = view.probe {
            lines.append("")
            lines.append(
                "Selection \(probe.stale ? "STALE" : "still good"): captured impact "
                    + "\(Figures.fixed(probe.capturedImpact)) (\(Figures.interval(probe.interval))), "
                    + "stale below \(Figures.short(probe.threshold)); branch \(probe.branch)")
            lines.append("  \(probe.detail)")
        }
        return lines.joined(separator: "\n")
    }

    /// A module's name as `layers.6.mlp.down_proj` is read: layer 6, projection `down_proj`.
    private static func place(_ name: String) -> (layer: Int, projection: String)? {
        let parts = name.split(separator: ".")
        guard let index = parts.firstIndex(of: "layers"), index + 2 < parts.count, let layer = Int(parts[index + 1]),
            let last = parts.last
        else { return nil }
        return (layer, String(last))
    }

    private static func grid(_ modules: [ModuleView], inColour: Bool) -> [String] {
        let usual = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
        var cells: [Int: [String: ModuleView]] = [:]
        var found: [String] = []
        for module in modules {
            guard let place = place(module.name) else { continue }
            cells[place.layer, default: [:]][place.projection] = module
            if !found.contains(place.projection) { found.append(place.projection) }
        }
        guard !cells.isEmpty else { return [] }
        let projections = usual.filter(found.contains) + found.filter { !usual.contains($0) }
        let strongest = max(modules.map(\.score).max() ?? 0, .leastNormalMagnitude)
        let width = 7
        func heading(_ text: String) -> String {
            let short = text.hasSuffix("_proj") ? String(text.dropLast(5)) : text
            return String(repeating: " ", count: max(1, width - short.count)) + short
        }
        var lines = ["layer" + projections.map(heading).joined()]
        for layer in cells.keys.sorted() {
            let label = String(layer)
            var line = String(repeating: " ", count: max(0, 5 - label.count)) + label
            for projection in projections {
                guard let module = cells[layer]?[projection] else {
                    line += String(repeating: " ", count: width)
                    continue
                }
                line += " " + cell(module, strength: max(0, module.score) / strongest, inColour: inColour)
            }
            while line.last == " " { line.removeLast() }
            lines.append(line)
        }
        return lines
    }

    /// Six columns: the strength as three signs or as a colour, then the rank.
    private static func cell(_ module: ModuleView, strength: Double, inColour: Bool) -> String {
        let rank = module.rank > 0 ? String(module.rank) : ""
        let number = String(repeating: " ", count: max(0, 3 - rank.count)) + rank
        guard inColour else {
            let signs: [Character] = [" ", "░", "▒", "▓", "█"]
            let sign = signs[min(4, Int((strength * 4).rounded(.up)))]
            return String(repeating: sign, count: 3) + number
        }
        // From dark blue through green and yellow to red, in the terminal's cube of 216 colours.
        let ramp = [17, 19, 25, 31, 36, 40, 112, 184, 208, 196]
        let index = min(ramp.count - 1, Int(strength * Double(ramp.count)))
        let ink = index >= 5 ? 16 : 231
        return "\u{1B}[48;5;\(ramp[index])m\u{1B}[38;5;\(ink)m\(number)   \u{1B}[0m"
    }

    private static func ranking(_ modules: [ModuleView]) -> [String] {
        var table = TextTable([
            ("strongest", .left), ("impact", .right), ("± error", .right), ("rank", .right),
            ("per 1,000 parameters", .right),
        ])
        for module in modules.sorted(by: { ($0.score, $1.name) > ($1.score, $0.name) }).prefix(8) {
            let density = module.cost > 0 ? Figures.fixed(module.score / module.cost * 1000, 3) : "–"
            table.append([
                module.name, Figures.fixed(module.score), Figures.fixed(module.standardError),
                module.rank > 0 ? String(module.rank) : "–", density,
            ])
        }
        return table.lines
    }
}
