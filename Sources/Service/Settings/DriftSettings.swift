/// When traffic or satisfaction counts as drifted.
package struct DriftSettings: Equatable, Sendable {
    /// Queries that make up the reference; half teach the novelty model, half calibrate it.
    package var referenceQueries = 1000
    package var falseAlarms = FalseAlarmBudget(alarms: 1, period: .seconds(30 * 86_400))

    package init() {}
}

extension DriftSettings: Decodable {
    package enum CodingKeys: String, CodingKey, CaseIterable { case referenceQueries, falseAlarms }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try values.read(&referenceQueries, .referenceQueries)
        if let text = try values.decodeIfPresent(String.self, forKey: .falseAlarms) {
            guard let budget = FalseAlarmBudget(text) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .falseAlarms, in: values,
                    debugDescription: "'\(text)' is not a budget of false alarms; write it as 1 per 30d")
            }
            falseAlarms = budget
        }
    }
}
