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

    static func served(_ adapter: String?) -> String { adapter ?? "the base model" }

    static func queued(_ queued: WebhookQueued, empty: String) -> String {
        guard !queued.ids.isEmpty else { return empty }
        return "\(Figures.counted(queued.ids.count, queued.ids.count == 1 ? "delivery" : "deliverie")) on the way: "
            + queued.ids.joined(separator: ", ")
    }
}
