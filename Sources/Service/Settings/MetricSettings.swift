/// A metric of an experiment beside the ratings on the goal's scale, errors and latency.
package struct MetricSettings: Equatable, Sendable {
    package var name = ""
    package var of = Measure.errors
    /// Of the measure `rating`: the scale's name.
    package var scale = ""
    /// In (0, 1); nil: the mean.
    package var quantile: Double?
    package var per = Per.request
    package var better = Direction.lower
    package var role = Role.signal
    package var change = Change.relative
    /// The largest worsening, or the smallest improvement worth a promotion (of a goal): a difference, or a share of the
    /// incumbent's value.
    package var limit = 0.1
    package var minimumEffect: Double?

    /// Where its values come from: requests, or ratings on `scale`.
    package enum Measure: String, Decodable, CaseIterable, Sendable {
        case errors, latency, firstToken, promptTokens, completionTokens, rating
    }

    /// Whether harm stops an experiment or only holds its ramp, or whether it has to be better for a promotion; whether one value
    /// is a request's or the sum of a unit's; which values are the better ones; and what a change is measured in.
    package enum Role: String, Decodable, CaseIterable, Sendable { case guardrail, signal, goal }
    /// See `Role`.
    package enum Per: String, Decodable, CaseIterable, Sendable { case request, unit }
    /// See `Role`.
    package enum Direction: String, Decodable, CaseIterable, Sendable { case lower, higher }
    /// See `Role`.
    package enum Change: String, Decodable, CaseIterable, Sendable { case absolute, relative }

    package init() {}

    /// Whether its worsening is at most 1: a share, or the loss of a higher-is-better value as a share of the incumbent's.
    package var isAtMostWhole: Bool {
        switch change {
        case .absolute: per == .request && (of == .errors || of == .rating)
        case .relative: better == .higher
        }
    }

    /// Of a goal: 5 % of the incumbent's value where nothing else is said.
    package var smallestImprovement: Double { minimumEffect ?? 0.05 }

    /// Whether its improvement is at most 1.
    package var improvesByLessThanWhole: Bool {
        switch change {
        case .absolute: isAtMostWhole
        case .relative: better == .lower
        }
    }
}

extension MetricSettings: Decodable {
    /// The keys of an entry of `deployments[].experiment.metrics`; any other is refused.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, of, scale, quantile, per, better, role, change, limit, minimumEffect
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        for key in [CodingKeys.of, .role] where !values.contains(key) {
            throw DecodingError.keyNotFound(key, .init(codingPath: values.codingPath, debugDescription: ""))
        }
        try values.read(&of, .of)
        try values.read(&scale, .scale)
        quantile = try values.decodeIfPresent(Double.self, forKey: .quantile)
        try values.read(&per, .per)
        better = of == .rating ? .higher : .lower
        try values.read(&better, .better)
        try values.read(&role, .role)
        change = of == .errors || of == .rating ? .absolute : .relative
        try values.read(&change, .change)
        let unused = role == .goal ? CodingKeys.limit : .minimumEffect
        if values.contains(unused) {
            throw DecodingError.dataCorruptedError(
                forKey: unused, in: values,
                debugDescription: role == .goal
                    ? "a goal has a minimumEffect, not a limit" : "only a goal has a minimumEffect; this has a limit")
        }
        try values.readShare(&limit, .limit)
        if role == .goal, of == .rating {
            throw DecodingError.dataCorruptedError(
                forKey: .role, in: values,
                debugDescription: "people's ratings are the goal by the deployment's goal: name the scale there")
        }
        if role == .goal, of == .errors, better == .higher {
            throw DecodingError.dataCorruptedError(
                forKey: .better, in: values, debugDescription: "more errors are no goal")
        }
        if role == .goal, change == .absolute, !values.contains(.minimumEffect) {
            throw DecodingError.dataCorruptedError(
                forKey: .minimumEffect, in: values,
                debugDescription: "a goal whose change is absolute says by how much it has to be better")
        }
        if values.contains(.minimumEffect) {
            var effect = 0.0
            try values.readShare(&effect, .minimumEffect)
            minimumEffect = effect
        }
    }
}
