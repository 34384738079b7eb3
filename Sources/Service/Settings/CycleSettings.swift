/// When the loop turns.
package struct CycleSettings: Equatable, Sendable {
    /// A cycle starts at the latest so long after the last one; 0s: only when drift, ratings or an operator ask.
    package var schedule = Duration.seconds(0)
    /// Least time between the end of a cycle and the start of the next.
    package var pause = Duration.seconds(86_400)
    /// Time after an alarm in which the new traffic gathers before the data are assembled.
    package var gathering = Duration.seconds(4 * 86_400)
    /// The selection is stale when the upper end of captured impact's interval is under it.
    package var staleBelow = 0.9

    package init() {}
}

extension CycleSettings: Decodable {
    /// The keys of `deployments[].cycle`; any other is refused.
    package enum CodingKeys: String, CodingKey, CaseIterable { case schedule, pause, gathering, staleBelow }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try values.readDuration(&schedule, .schedule)
        try values.readDuration(&pause, .pause)
        try values.readDuration(&gathering, .gathering)
        try values.readShare(&staleBelow, .staleBelow)
    }
}
