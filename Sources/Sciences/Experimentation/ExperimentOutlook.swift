import Glibc

/// How long an experiment under way still takes, by its looks. Quick and rough, as `ExperimentPlan` is.
package struct ExperimentOutlook: Equatable, Sendable {
    /// Seconds from the last look to the end of its longest duration.
    package var longest: Double
    /// Seconds from there until the candidate is promoted, if the difference stays what it is and ratings go on to come as they
    /// came in this step of the ramp, each unit of traffic alike; nil where that cannot be said: without a lead, in the burn-in,
    /// not before the end, while somebody is waited for, or where ratings alone do not decide.
    package var promotion: Double?

    /// - Parameter looks: in the order in which they were taken.
    package init(_ looks: [Look], of design: ExperimentDesign) {
        longest = max(0, design.longestSeconds - (looks.last?.elapsedSeconds ?? 0))
        guard let last = looks.last, !design.isHoldBack, design.goalMetric == nil, !last.isPaused,
            last.decision == .goOn || last.decision == .advance,
            min(last.incumbent.rated, last.candidate.rated) >= design.burnInUnits,
            !design.approvalSteps.contains(where: { $0 > last.step }),
            var left = last.ratingsLeft(margin: design.margin ?? 0), left > 0,
            let first = looks.first(where: { $0.step == last.step }),
            last.elapsedSeconds > first.elapsedSeconds, last.ratings > first.ratings
        else { return }
        let rate =
            Double(last.ratings - first.ratings) / (last.elapsedSeconds - first.elapsedSeconds)
            / design.steps[last.step]
        var seconds = 0.0
        for step in last.step..<design.steps.count {
            let arriving = rate * design.steps[step]
            let inStep = step == last.step ? last.elapsedSeconds - (step == 0 ? 0 : first.elapsedSeconds) : 0
            let time = step < design.steps.count - 1 ? max(0, design.leastStepSeconds - inStep) : .infinity
            if arriving * time >= left {
                seconds += left / arriving
                break
            }
            left -= arriving * time
            seconds += time
        }
        promotion = seconds <= longest ? seconds : nil
    }
}

extension Look {
    /// Counting ratings of both arms.
    var ratings: Int { incumbent.ratings + candidate.ratings }

    /// How many more ratings would show the difference, if it stays what it is; nil where it does not lie on the side of a
    /// promotion, or that takes more than can be counted.
    func ratingsLeft(margin: Double) -> Double? {
        guard let estimate = self.difference, let end = self.lower else { return nil }
        // Where it only must not be worse, what counts is how far it is from that.
        let (difference, lower) = (estimate + margin, end + margin)
        guard difference > 0 else { return nil }
        guard lower <= 0 else { return 0 }
        let width = difference - lower
        let more = Double(ratings) * max(0, (width / difference) * (width / difference) - 1)
        return more < 1e9 ? more : nil
    }
}
