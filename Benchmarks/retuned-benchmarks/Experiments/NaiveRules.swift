import Glibc

/// What one would write without thinking of looking often, and what a peer does: on sums of single ratings.
struct NaiveRules {
    private struct Arm {
        var count = 0.0
        var sum = 0.0
        var squares = 0.0

        var mean: Double { sum / count }
        var variance: Double { max(0, squares / count - mean * mean) }
    }

    private var incumbent = Arm()
    private var candidate = Arm()

    mutating func add(_ score: Double, toCandidate: Bool) {
        func add(_ arm: inout Arm) {
            arm.count += 1
            arm.sum += score
            arm.squares += score * score
        }
        if toCandidate { add(&candidate) } else { add(&incumbent) }
    }

    private var gap: Double { candidate.mean - incumbent.mean }
    private var squaredError: Double {
        candidate.variance / candidate.count + incumbent.variance / incumbent.count
    }

    /// A z-test at every look, two-sided at 5 %, of ratings taken as independent.
    var testsBetter: Bool { gap > 0 && gap * gap > 1.959_964 * 1.959_964 * squaredError }

    /// TensorZero's stopping rule (generalised likelihood ratio, ε = 0, δ = 0.05, at least 10 samples an arm).
    var ratioStops: Bool {
        guard min(incumbent.count, candidate.count) >= 10, gap > 0, squaredError > 0 else { return false }
        let total = incumbent.count + candidate.count
        return gap * gap / (2 * squaredError) > log((1 + log(total)) / 0.05)
    }
}
