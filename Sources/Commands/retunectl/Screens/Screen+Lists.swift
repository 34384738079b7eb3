package import API
import Settings
import Values

extension Screen {
    package static func cycles(_ list: CycleList) -> String {
        guard !list.cycles.isEmpty else { return "There has been no cycle yet." }
        var table = TextTable([
            ("cycle", .left), ("state", .left), ("started", .left), ("ended", .left), ("trigger", .left),
            ("adapter", .left), ("experiment", .left), ("reason", .left),
        ])
        for cycle in list.cycles {
            table.append([
                cycle.id, words(cycle.state), Figures.time(cycle.started), cycle.ended.map(Figures.time) ?? "–",
                cycle.trigger ?? "–", cycle.adapter ?? "–", cycle.experiment ?? "–", cycle.reason ?? "",
            ])
        }
        return table.text
    }

    package static func cycle(_ view: CycleView) -> String {
        var lines = [
            "Cycle \(view.id) of \(view.deployment): \(words(view.state)) since \(Figures.time(view.since)) UTC"
        ]
        if let trigger = view.trigger { lines.append("  trigger     \(trigger)") }
        if let adapter = view.adapter { lines.append("  adapter     \(adapter)") }
        if let experiment = view.experiment { lines.append("  experiment  \(experiment)") }
        if let reason = view.reason { lines.append("  why         \(reason)") }
        if let next = view.next { lines.append("  next        \(next)") }
        lines += offers(view.offers ?? [])
        lines.append("")
        var table = TextTable([("time (UTC)", .left), ("state", .left), ("by", .left), ("reason", .left)])
        for step in view.steps {
            table.append([Figures.time(step.time), words(step.state), step.actor, step.reason])
        }
        lines += table.lines
        return lines.joined(separator: "\n")
    }

    /// What could be decided in time, each with the command that chooses it.
    static func offers(_ offers: [OfferView]) -> [String] {
        guard !offers.isEmpty else { return [] }
        return ["  what could be decided in time"]
            + offers.flatMap { offer in
                let days = offer.days.map { ", about \(Figures.fixed($0, 1)) days" } ?? ""
                return ["    - \(offer.detail)\(days)", "      \(offer.command)"]
            }
    }

    package static func adapters(_ list: AdapterList) -> String {
        guard !list.adapters.isEmpty else { return "There is no adapter yet; the base model serves alone." }
        var table = TextTable([
            ("adapter", .left), ("state", .left), ("created", .left), ("promoted", .left), ("rank", .right),
            ("parameters", .right), ("cycle", .left), ("trained on", .left),
        ])
        for adapter in list.adapters {
            table.append([
                adapter.name + (adapter.tainted == true ? " (an erased person taught it)" : ""),
                adapter.state == .rolledBack ? "rolled back" : adapter.state.rawValue, Figures.time(adapter.created),
                adapter.promoted.map(Figures.time) ?? "–", String(adapter.rank), Figures.grouped(adapter.parameters),
                adapter.cycle ?? "–", adapter.parent ?? "base",
            ])
        }
        return table.text
    }

    package static func adapter(_ view: AdapterView) -> String {
        var lines = [
            "\(view.name), \(view.state == .rolledBack ? "rolled back" : view.state.rawValue) of \(view.deployment)"
        ]
        lines.append("  created     \(Figures.time(view.created)) UTC" + (view.cycle.map { " by cycle \($0)" } ?? ""))
        if let promoted = view.promoted { lines.append("  promoted    \(Figures.time(promoted)) UTC") }
        lines.append("  trained on  \(view.parent ?? "the base model alone")")
        lines.append("  size        \(Figures.counted(view.parameters, "parameter")), rank \(view.rank)")
        lines.append("  modules     \(view.modules.joined(separator: ", "))")
        lines.append("  digest      \(view.digest)")
        lines.append("  base        \(view.base)")
        if view.tainted == true { lines.append("  TAINTED     somebody it was trained on has been erased") }
        for member in view.metrics?.objectValue?.members ?? [] {
            lines.append("  \(member.name)  \(String(decoding: member.value.serialized, as: UTF8.self))")
        }
        return lines.joined(separator: "\n")
    }

    package static func tokens(_ list: TokenList) -> String {
        guard !list.tokens.isEmpty else {
            return "There is no token; make one with: retunectl tokens create NAME --scope ingest,assign"
        }
        var table = TextTable([
            ("token", .left), ("name", .left), ("scopes", .left), ("deployment", .left), ("created", .left),
            ("expires", .left), ("last used", .left),
        ])
        for token in list.tokens {
            table.append([
                token.id, token.name, token.scopes.map(\.rawValue).joined(separator: ","), token.deployment ?? "all",
                Figures.time(token.created), token.expires.map(Figures.time) ?? "never",
                token.lastUsed.map(Figures.time) ?? "never",
            ])
        }
        return table.text
    }

    package static func webhooks(_ list: WebhookList) -> String {
        guard !list.webhooks.isEmpty else { return "There is no webhook in the configuration." }
        var table = TextTable([
            ("webhook", .left), ("state", .left), ("waiting", .right), ("dead", .right), ("url", .left),
            ("events", .left), ("", .left),
        ])
        for webhook in list.webhooks {
            table.append([
                webhook.name, webhook.enabled ? "enabled" : "DISABLED", String(webhook.waiting),
                String(webhook.deadLetters), webhook.url,
                webhook.events.isEmpty ? "all" : webhook.events.map(\.rawValue).joined(separator: ","), webhook.detail,
            ])
        }
        return table.text
    }

    package static func deadLetters(_ list: DeadLetterList) -> String {
        guard !list.deadLetters.isEmpty else { return "Every delivery has arrived or is still being tried." }
        var table = TextTable([
            ("delivery", .left), ("webhook", .left), ("event", .left), ("created", .left), ("attempts", .right),
            ("reason", .left),
        ])
        for letter in list.deadLetters {
            table.append([
                letter.id, letter.webhook, letter.type.rawValue, Figures.time(letter.created), String(letter.attempts),
                letter.reason,
            ])
        }
        return table.text
    }

    package static func erased(_ result: EraseResult) -> String {
        return "Erased \(Figures.counted(result.interactions, "interaction")) and "
            + "\(Figures.counted(result.ratings, "rating")). \(result.detail)"
    }

    package static func reloaded(_ view: ReloadView) -> String {
        let changed =
            view.inForce.isEmpty
            ? "no setting that counts at once is new (secrets were read)"
            : "in force now: \(view.inForce.joined(separator: ", "))"
        return
            (["The configuration was read again; \(changed)."]
            + view.needRestart.map { "\($0) needs a restart." }).joined(separator: "\n")
    }

    static func validSettings(_ settings: Settings, file: String) -> String {
        let names = settings.deployments.map { "\($0.name) (\($0.mode.rawValue))" }.joined(separator: ", ")
        return "\(file) is valid: "
            + (names.isEmpty ? "no deployment yet, so nothing would be served" : "deployments \(names)")
            + "; listens on \(settings.listen.joined(separator: ", "))"
    }
}
