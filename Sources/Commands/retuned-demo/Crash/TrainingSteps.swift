/// How far a training was seen to be, and how far back a kill threw it.
package struct TrainingSteps: Sendable {
    /// A checkpoint is written about every two seconds, and progress at most four times a second: what was seen so long
    /// before a kill is kept.
    package static let keptSeconds = 4.0

    private var cycle = ""
    private var seen: [(time: Double, step: Int)] = []
    private var kill = -Double.infinity
    /// Most steps that were done again.
    package private(set) var again = 0

    package init() {}

    package mutating func killed(at time: Double) { kill = time }

    /// Takes a step down; true: it lies before one that a checkpoint must have held at the last kill.
    package mutating func saw(_ step: Int, in cycle: String, at time: Double) -> Bool {
        if cycle != self.cycle { (self.cycle, seen) = (cycle, []) }
        again = max(again, (seen.last?.step ?? 0) - step)
        let kept = seen.last { $0.time <= kill - Self.keptSeconds }?.step ?? 0
        seen.removeAll { $0.step >= step && $0.time > kill - Self.keptSeconds }
        if seen.last.map({ $0.step < step }) ?? true { seen.append((time, step)) }
        return step < kept
    }
}
