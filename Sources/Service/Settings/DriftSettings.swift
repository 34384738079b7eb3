/// When traffic or satisfaction counts as drifted.
package struct DriftSettings: Equatable, Sendable {
    /// Queries that make up the reference; half teach the novelty model, half calibrate it.
    package var referenceQueries = 1000
    package var falseAlarms = ErrorBudget(count: 1, period: .seconds(30 * 86_400))

    package init() {}
}

extension DriftSettings: Decodable {
    /// The keys of `deployments[].drift`; any other is refused.
    package enum CodingKeys: String, CodingKey, CaseIterable { case referenceQueries, falseAlarms }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try values.read(&referenceQueries, .referenceQueries)
        try values.readBudget(&falseAlarms, .falseAlarms)
    }
}
