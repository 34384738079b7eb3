package import API

/// What people are shown: the API's objects as text, each a pure function of its object. Times are UTC.
package enum Screen {
    package static func words(_ state: CycleState) -> String {
        switch state {
        case .awaitingApproval: "awaiting approval"
        case .rolledBack: "rolled back"
        default: state.rawValue
        }
    }

    static func words(_ action: OperatorAction) -> String {
        switch action {
        case .holdRamp: "holding the ramp"
        case .releaseRamp: "releasing the ramp"
        default: action.rawValue
        }
    }

    static func served(_ adapter: String?) -> String { adapter ?? "the base model" }

    package static func queued(_ queued: WebhookQueued, empty: String) -> String {
        var lines: [String] = []
        if !queued.ids.isEmpty {
            let count = Figures.counted(queued.ids.count, queued.ids.count == 1 ? "delivery" : "deliverie")
            lines.append("\(count) on the way: \(queued.ids.joined(separator: ", "))")
        }
        if let held = queued.held {
            lines.append(
                "dead letters wait for \(held.joined(separator: ", ")), disabled or not configured any more; "
                    + "retunectl webhooks enable NAME sends to one again")
        }
        return lines.isEmpty ? empty : lines.joined(separator: "\n")
    }
}
