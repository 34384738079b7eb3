/// How many different units rate within some time, as the log had them: what an experiment can hope for. Units that come back are
/// no more of them, so a firm of a hundred users never has two hundred.
package struct RatingUnits: Equatable, Sendable {
    /// When each unit first rated, in seconds from the log's begin, ascending.
    private let firsts: [Double]
    private let span: Double

    /// - Parameters:
    ///   - firsts: of each unit the time of its first request that was rated, in seconds since whenever.
    ///   - start: likewise, the log's begin.
    ///   - span: the log's length in seconds, above 0.
    package init(firsts: some Sequence<Double>, start: Double, span: Double) {
        self.firsts = firsts.map { $0 - start }.sorted()
        self.span = span
    }

    /// Units of all traffic that rate within so many seconds: as many as in the log's first ones; beyond the log those of the whole,
    /// and as many new ones a second as in its second half.
    package func count(within seconds: Double) -> Double {
        func known(_ seconds: Double) -> Double {
            Double(firsts.partitioningIndex { $0 > seconds })
        }
        guard seconds > span else { return seconds > 0 ? known(seconds) : 0 }
        return Double(firsts.count) + (seconds - span) * (Double(firsts.count) - known(span / 2)) / (span / 2)
    }

    /// Whether either arm has the units that a decision asks for by the longest duration, with a chance of some nine in ten: which
    /// units are in which arm is drawn.
    package func suffice(for design: ExperimentDesign) -> Bool {
        let expected = inArm(by: design.longestSeconds, of: design)
        let spread = (expected * (1 - (design.steps.max() ?? 0.5))).squareRoot()
        return expected - 1.64 * spread >= Double(design.burnInUnits)
    }

    /// Rated units of one arm by so many seconds of an experiment: the share that a step adds counts from its begin on.
    package func inArm(by seconds: Double, of design: ExperimentDesign) -> Double {
        inArm(by: seconds, of: design, starts: stepStarts(of: design))
    }

    /// When so many rated units of one arm are expected, in seconds of an experiment; infinite where they never are.
    package func seconds(untilInArm amount: Int, of design: ExperimentDesign) -> Double {
        let starts = stepStarts(of: design)
        var (low, high) = (0.0, 100 * design.longestSeconds)
        guard inArm(by: high, of: design, starts: starts) >= Double(amount) else { return .infinity }
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if inArm(by: middle, of: design, starts: starts) >= Double(amount) { high = middle } else { low = middle }
        }
        return high
    }

    /// When the steps of an experiment's ramp begin, in seconds: each goes on after its least time as soon as either arm has the
    /// rated units that it asks for, and after `ExperimentDesign.patience` times that at the latest.
    package func stepStarts(of design: ExperimentDesign) -> [Double] {
        var starts = [0.0]
        for _ in design.steps.dropFirst() {
            let begin = starts[starts.count - 1]
            var (low, high) = (begin, begin + ExperimentDesign.patience * design.leastStepSeconds)
            for _ in 0..<40 {
                let middle = (low + high) / 2
                let isEnough = inArm(by: middle, of: design, starts: starts) >= Double(design.leastStepUnits)
                if isEnough { high = middle } else { low = middle }
            }
            starts.append(max(begin + design.leastStepSeconds, high))
        }
        return starts
    }

    /// - Parameter starts: of as many steps as have begun.
    private func inArm(by seconds: Double, of design: ExperimentDesign, starts: [Double]) -> Double {
        var sum = 0.0
        var before = 0.0
        for (start, exposure) in zip(starts, design.steps) {
            sum += max(0, exposure - before) * count(within: seconds - start)
            before = max(before, exposure)
        }
        return sum
    }
}

extension [Double] {
    /// The first index from which on a condition holds, of an array where it holds from some index on.
    fileprivate func partitioningIndex(where holds: (Double) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
