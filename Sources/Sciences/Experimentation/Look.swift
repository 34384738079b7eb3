/// What one look at an experiment saw and said.
package struct Look: Codable, Equatable, Sendable {
    package enum Decision: String, Codable, Sendable {
        case goOn, advance, promote, stopForHarm, stopForFutility, stopAtLongest, holdForSampleRatio
    }

    package struct Arm: Codable, Equatable, Sendable {
        package var units: Int
        package var rated: Int
        package var ratings: Int
        package var mean: Double?
        /// The mean's own confidence sequence, for people; nothing is decided on it.
        package var lower: Double?
        package var upper: Double?
        package var errors: Int
        package var requests: Int
        package var latencyMilliseconds: Double?
    }

    package struct Guardrail: Codable, Equatable, Sendable {
        package var name: String
        package var difference: Double?
        package var lower: Double?
        package var limit: Double
        package var isBroken: Bool
    }

    /// Seconds since the experiment began.
    package var elapsedSeconds: Double
    package var step: Int
    package var exposure: Double
    package var incumbent: Arm
    package var candidate: Arm
    package var difference: Double?
    package var lower: Double?
    package var upper: Double?
    package var standardError: Double?
    /// Pairs of the harm game, and its largest wealth so far as a natural logarithm.
    package var harmPairs: Int
    package var harmLogWealth: Double
    /// Smallest sequential p-values so far: of the assignments, and of who rates.
    package var assignmentPValue: Double
    package var raterPValue: Double
    package var guardrails: [Guardrail]
    package var decision: Decision
    /// Why, in a sentence.
    package var reason: String
    /// What happens next, in a sentence.
    package var next: String
}
