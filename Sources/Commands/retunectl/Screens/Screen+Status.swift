package import API

extension Screen {
    package static func deployments(_ list: DeploymentList) -> String {
        guard !list.deployments.isEmpty else {
            return "There is no deployment yet; add one to the daemon's configuration and restart it."
        }
        return list.deployments.map(deployment).joined(separator: "\n\n")
    }

    package static func deployment(_ view: DeploymentView) -> String {
        var lines = ["\(view.name)   mode \(view.mode.rawValue)\(view.paused == true ? ", PAUSED by an operator" : "")"]
        lines.append("  serving  \(served(view.serving.adapter)) since \(Figures.time(view.serving.since)) UTC")
        lines.append("           \(view.serving.reason)")
        if let cycle = view.cycle {
            var loop = words(cycle.state)
            if let step = cycle.step { loop += ", step \(step) of the ramp" }
            loop += " since \(Figures.time(cycle.since)) UTC"
            if let identifier = cycle.id {
                loop += " (cycle \(identifier)\(cycle.trigger.map { ", started by \($0)" } ?? ""))"
            }
            lines.append("  loop     \(loop)")
            if let next = cycle.next { lines.append("  next     \(next)") }
        }
        lines.append(
            "  log      \(Figures.counted(view.counts.interactions, "interaction")), "
                + "\(Figures.counted(view.counts.ratings, "rating")), \(Figures.counted(view.counts.units, "unit"))")
        if !view.cost.isEmpty {
            let costs = view.cost.sorted { $0.key < $1.key }.map { "\($0.key) \(Figures.short($0.value))" }
            lines.append("  cost     \(costs.joined(separator: ", "))")
        }
        let broken = view.health.filter { !$0.ok }
        if broken.isEmpty {
            let names = view.health.map(\.check).joined(separator: ", ")
            lines.append("  health   ok\(names.isEmpty ? "" : " (\(names))")")
        } else {
            for (index, check) in broken.enumerated() {
                lines.append("  \(index == 0 ? "health " : "       ")  NOT OK: \(check.check): \(check.detail)")
            }
        }
        return lines.joined(separator: "\n")
    }
}
