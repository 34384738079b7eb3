import Values

/// Follows a deployment's loop over the public interface and tells what is new.
struct LoopFollower: Sendable {
    let client: ServiceClient
    let deployment: String
    let timeline: Timeline
    private var told: [String: Int] = [:]
    private var toldNext = ""
    private(set) var deploymentView = JSONValue.null
    private(set) var cycles: [JSONValue] = []

    init(client: ServiceClient, deployment: String, timeline: Timeline) {
        self.client = client
        self.deployment = deployment
        self.timeline = timeline
    }

    var path: String { "/v1/deployments/\(deployment)" }
    var servedAdapter: String? { deploymentView["serving"]?["adapter"]?.stringValue }
    /// `training: step 12 of 96`, for the line that shows that things are alive.
    var next: String { deploymentView["cycle"]?["next"]?.stringValue ?? "" }
    var state: String { deploymentView["cycle"]?["state"]?.stringValue ?? "watching" }

    /// The cycles in the order they began.
    func cycle(_ number: Int) -> JSONValue? { number < cycles.count ? cycles[number] : nil }

    mutating func refresh() async throws {
        guard let view = try await client.read(path), let list = try await client.read(path + "/cycles") else {
            throw DemoFailure("the daemon knows no deployment \(deployment)")
        }
        deploymentView = view
        cycles = (list["cycles"]?.arrayValue ?? []).sorted {
            ($0["started"]?.stringValue ?? "") < ($1["started"]?.stringValue ?? "")
        }
        for cycle in cycles {
            let id = cycle["id"]?.stringValue ?? ""
            let steps = cycle["steps"]?.arrayValue ?? []
            for step in steps.dropFirst(told[id, default: 0]) {
                timeline.say("\(Self.words(step["state"]?.stringValue ?? "")): \(step["reason"]?.stringValue ?? "")")
            }
            told[id] = steps.count
        }
    }

    private static func words(_ state: String) -> String {
        switch state {
        case "probing": "a cycle began; new labelled traffic gathers, and the selection in use is questioned"
        case "estimating": "impact of every module on the new traffic is estimated"
        case "training": "an adapter is trained on the modules chosen"
        case "gating": "the candidate answers held-out rows, old and new"
        case "awaitingApproval": "a person is asked"
        case "experimenting": "A/B test on live users"
        case "promoting": "the candidate is promoted"
        case "rejected": "the candidate is not used"
        case "rolledBack": "everybody gets the incumbent again"
        case "failed": "the cycle failed"
        case "watching": "the loop watches again"
        default: state
        }
    }

    /// Whether a cycle is over.
    static func hasEnded(_ cycle: JSONValue) -> Bool { cycle["ended"]?.stringValue != nil }

    /// How a cycle ended, from what the daemon shows.
    func ending(of cycle: JSONValue, before incumbent: String?) async throws -> Ending {
        let adapter = cycle["adapter"]?.stringValue
        if let adapter, adapter != incumbent, servedAdapter == adapter { return .promoted }
        if let experiment = cycle["experiment"]?.stringValue,
            let view = try await client.read(path + "/experiments/\(experiment)")
        {
            switch view["decision"]?.stringValue {
            case "promote": return .promoted
            case "stopForHarm": return .stopped
            case "stopForFutility", "stopAtLongest": return .undecided
            default: break
            }
        }
        let reason = cycle["reason"]?.stringValue ?? ""
        switch cycle["state"]?.stringValue {
        case "failed": return .invalid
        case "rolledBack": return .stopped
        default: return reason.contains("too few data") ? .tooFewData : .rejected
        }
    }
}
