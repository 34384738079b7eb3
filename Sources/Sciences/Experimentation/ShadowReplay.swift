/// A candidate compared with the incumbent on logged queries that both answer, so that nobody is exposed; pairs of answers are
/// judged blind.
///
/// A pair's judgement is a number in [0, 1]: 1 where the candidate's answer is better, ½ where both are alike, 0 where it is
/// worse; of several judges the mean of each one's latest. Answers that are the same need no judge. The mean over pairs, with the unit as cluster, is held against
/// ½ by a confidence sequence (`ConfidenceSequence.mean`), so that it may be looked at after each judgement.
///
/// Two imagined units stand beside the judged ones, one for either side. They draw the estimate a little towards ½, and give
/// unanimous judges a variance; where all is alike they decide nothing.
package struct ShadowReplay: Equatable, Sendable {
    package var design: ShadowDesign
    /// What was decided at an earlier look, which stays.
    package private(set) var decided: ShadowLook?

    package init(design: ShadowDesign, decided: ShadowLook? = nil) {
        self.design = design
        self.decided = decided
    }

    /// The share of so many pairs, all judged and no two answers alike, that has to speak for the candidate; nil where it
    /// cannot be promoted at all.
    package static func decidingMean(pairs: Int, _ design: ExperimentDesign) -> Double? {
        guard pairs >= design.burnInUnits else { return nil }
        let count = Double(pairs)
        return stride(from: 0.505, through: 1, by: 0.005).first { mean in
            let reach = ConfidenceSequence.halfWidth(
                squaredError: mean * (1 - mean) / count, sample: count, alpha: design.alpha,
                tuning: max(Double(design.burnInUnits), count / 2))
            return mean - reach > 0.5
        }
    }

    /// A judge's figure from two scores in [0, 1].
    package static func judgement(candidate: Double, incumbent: Double) -> Double { (1 + candidate - incumbent) / 2 }

    /// Whether a judge sees the candidate's answer first. Who does not know the salt cannot tell.
    package static func showsCandidateFirst(salt: String, pair: Int) -> Bool {
        Assignment(salt: salt).place(of: "\(pair)") < 0.5
    }

    /// Takes a look at everything that was judged so far.
    ///
    /// - Parameters:
    ///   - pairs: that both arms have answered.
    ///   - isComplete: no pair waits for an answer any more.
    package mutating func look(_ pairs: [ShadowPair], isComplete: Bool, elapsedSeconds: Double) -> ShadowLook {
        if let decided { return decided }
        var look = figures(of: pairs)
        let judged = ShadowReplay.counted(look.judgedPairs, "pair")
        if let mean = look.mean, look.judgedUnits >= design.burnInUnits {
            let share = ShadowReplay.percent(mean)
            if let harm = look.harmUpper, harm < 0.5 {
                look.decision = .stopForHarm
                look.reason = "in \(judged) of the replay the candidate's answers are worse: preferred at \(share)"
            } else if let lower = look.interval?[0], lower > 0.5 {
                look.decision = .promote
                look.reason = "in \(judged) of the replay the candidate's answers are better: preferred at \(share)"
            }
        }
        if look.decision == .goOn {
            if isComplete, look.judgedPairs == pairs.count {
                look.decision = .undecided
                look.reason =
                    look.judgedUnits < design.burnInUnits
                    ? "only \(ShadowReplay.counted(look.judgedUnits, "unit")) could be judged, and below \(design.burnInUnits) nothing is decided"
                    : "all \(judged) of the replay are judged, and neither arm's answers are shown to be better"
            } else if elapsedSeconds >= design.longestSeconds {
                look.decision = .undecided
                look.reason =
                    "the longest duration is over with \(judged) judged, and neither arm is shown to be better"
            } else {
                look.reason = next(look)
            }
        }
        if look.decision != .goOn { decided = look }
        return look
    }

    private func figures(of pairs: [ShadowPair]) -> ShadowLook {
        var units: [String: UnitTotals] = [:]
        var judged = 0
        for pair in pairs {
            guard let judgement = pair.judgement else { continue }
            judged += 1
            units[pair.unit, default: UnitTotals()].add(judgement)
        }
        var real = ArmSummary()
        for totals in units.values { real.replace(UnitTotals(), by: totals) }
        var summary = real
        for side in [0.0, 1.0] {
            var imagined = UnitTotals()
            imagined.add(side)
            summary.replace(UnitTotals(), by: imagined)
        }
        var look = ShadowLook(
            answered: pairs.count, judgedPairs: judged, judgedUnits: units.count, mean: real.mean, decision: .goOn,
            reason: "")
        guard !units.isEmpty else { return look }
        if let sequence = ConfidenceSequence.mean(summary, alpha: design.alpha, tuning: design.tuning) {
            look.interval = [max(0, sequence.lower), min(1, sequence.upper)]
        }
        look.harmUpper =
            ConfidenceSequence.mean(summary, alpha: 2 * design.harmAlpha, tuning: design.tuning)?.upper
        return look
    }

    private func next(_ look: ShadowLook) -> String {
        if look.judgedUnits < design.burnInUnits {
            return "nothing is decided before \(design.burnInUnits) units are judged; \(look.judgedUnits) are"
        }
        return "neither arm's answers are shown to be better yet"
    }

    private static func counted(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    private static func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
}

/// What a shadow replay keeps to, fixed before the first pair is answered.
package struct ShadowDesign: Codable, Equatable, Sendable {
    /// Error rate of the two-sided sequence that promotes: half of it errs on the side of a promotion.
    package var alpha: Double
    /// Error rate of stopping a candidate that is not worse.
    package var harmAlpha: Double
    /// Judged units before anything is decided.
    package var burnInUnits: Int
    /// Pairs at which the sequence is narrowest.
    package var tuning: Double
    package var longestSeconds: Double

    package init(alpha: Double, harmAlpha: Double, burnInUnits: Int, tuning: Double, longestSeconds: Double) {
        self.alpha = alpha
        self.harmAlpha = harmAlpha
        self.burnInUnits = burnInUnits
        self.tuning = tuning
        self.longestSeconds = longestSeconds
    }
}

/// A logged query that both arms have answered, with what each judge said of it last.
package struct ShadowPair: Equatable, Sendable {
    package var unit: String
    package var judgements: [Double]

    package init(unit: String, judgements: [Double] = []) {
        self.unit = unit
        self.judgements = judgements
    }

    /// The mean of its judges; nil where nobody has judged it.
    package var judgement: Double? {
        judgements.isEmpty ? nil : judgements.reduce(0, +) / Double(judgements.count)
    }
}

/// What a look at a shadow replay found.
package struct ShadowLook: Codable, Equatable, Sendable {
    /// What follows from it.
    package enum Decision: String, Codable, Sendable { case goOn, promote, stopForHarm, undecided }

    /// Pairs with both answers, and those of them that somebody judged.
    package var answered: Int
    package var judgedPairs: Int
    package var judgedUnits: Int
    /// Mean judgement; ½: alike.
    package var mean: Double?
    package var interval: [Double]?
    /// Upper end of the sequence at the rate of harm.
    package var harmUpper: Double?
    package var decision: Decision
    /// Why, or what is missing, in a sentence.
    package var reason: String
}
