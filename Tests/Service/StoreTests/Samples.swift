import Store
import Traffic
import Values

/// Records and an opened store for the suites.
enum Samples {
    static let start = Timestamp(milliseconds: 1_777_000_000_000)

    static let options = StoreOptions(ballastBytes: 1 << 16)

    static func store(_ folder: TemporaryFolder) throws -> DurableStore {
        try DurableStore(folder: folder.path + "/state", options: options)
    }

    static func interaction(
        _ id: String, deployment: String = "support", at seconds: Double = 0, unit: String? = "u-1",
        conversation: String? = nil, text: String = "Where is my card?", response: String? = "card arrival",
        adapter: String? = "support-v1", key: String = "k1", hash: UInt8 = 1,
        fromGateway: Bool = false
    ) -> LoggedInteraction {
        LoggedInteraction(
            interaction: Interaction(
                id: id, deployment: deployment, time: start.advanced(bySeconds: seconds), unit: unit,
                conversation: conversation, messages: [Message(role: "user", content: .text(text))],
                response: response, error: response == nil ? "time-out" : nil, adapter: adapter,
                latencyMilliseconds: 84.1),
            keyID: key, bodyHash: Array(repeating: hash, count: 32), record: "sha256:\(id)",
            received: start.advanced(bySeconds: seconds + 1), redactedResponse: [], redactions: [:],
            fromGateway: fromGateway)
    }

    static func rating(
        _ id: String, of interaction: String, deployment: String = "support", at seconds: Double = 60,
        rater: String? = nil, scale: String? = "thumb", value: Rating.Value = .number(1), key: String = "k1",
        hash: UInt8 = 1
    ) -> LoggedRating {
        LoggedRating(
            rating: Rating(
                id: id, deployment: deployment, interaction: interaction, time: start.advanced(bySeconds: seconds),
                rater: rater, scale: scale, value: value),
            keyID: key, bodyHash: Array(repeating: hash, count: 32), record: "sha256:\(id)",
            received: start.advanced(bySeconds: seconds + 1), redactedCorrection: [], redactions: [:])
    }

    static func cycle(_ id: String, state: String = "training") -> CycleRecord {
        CycleRecord(id: id, deployment: "support", state: state, trigger: "drift", started: start)
    }

    static func adapter(_ version: Int, cycle: String = "c-1") -> AdapterRecord {
        AdapterRecord(
            deployment: "support", name: "support-v\(version)", version: version, status: .trained, cycle: cycle,
            created: start, folder: "a\(version)", digest: "sha256:\(version)", trainedParameters: 4096,
            metrics: .object(JSONObject([.init(name: "loss", value: .number(0.5))])))
    }

    static func experiment(_ id: String = "e-1") -> ExperimentRecord {
        ExperimentRecord(
            id: id, deployment: "support", cycle: "c-1", incumbent: "support-v1", candidate: "support-v2",
            salt: "salt", design: .object(JSONObject([.init(name: "alpha", value: .number(0.05))])),
            state: VersionedValue(version: 1, bytes: [1]), started: start)
    }

    static func assignment(
        _ unit: String, arm: String, experiment: String = "e-1", at seconds: Double = 0
    ) -> AssignmentRecord {
        AssignmentRecord(
            experiment: experiment, unit: unit, arm: arm, time: start.advanced(bySeconds: seconds), exposure: 0.05)
    }

    static func event(_ id: String, type: String = "adapter.promoted") -> OutboxEvent {
        OutboxEvent(id: id, deployment: "support", type: type, payload: Array("{}".utf8), created: start)
    }
}
