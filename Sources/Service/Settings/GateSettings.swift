/// What a candidate has to show on held-out data before anybody is exposed to it.
package struct GateSettings: Equatable, Sendable {
    package var enabled = true
    /// Most that right answers on old traffic and on the golden set may fall, as a share of one (`answers: labels`).
    package var margin = 0.03
    /// The same in nats a token (`answers: text`).
    package var marginNats = 0.05
    /// Fewer old rows than this cannot show that nothing was lost.
    package var leastOldRows = 1000

    package init() {}
}

extension GateSettings: Decodable {
    /// The keys of `deployments[].gate`; any other is refused.
    package enum CodingKeys: String, CodingKey, CaseIterable { case enabled, margin, marginNats, leastOldRows }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try values.read(&enabled, .enabled)
        try values.readShare(&margin, .margin)
        try values.read(&marginNats, .marginNats)
        try values.read(&leastOldRows, .leastOldRows)
    }
}
