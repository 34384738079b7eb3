/// What was counted beside kills and faults.
struct CrashSums: Sendable {
    var readySeconds: [Double] = []
    var accepted: [AcceptedRecords.Kind: Int] = [:]
    var keptUnanswered = 0
    var repeated = 0
    var promotions = 0
    var webhooks = 0
    var webhooksAgain = 0
    /// Rows of the gateway whose answer had begun; a kill may lose those whose commit was still to come.
    var gatewayAnswers = 0
    var gatewayLost = 0
    var looks = 0
    /// Most steps of a training that were done again after a kill, and how many of a whole one.
    var stepsAgain = 0
    var stepsOf = 0

    mutating func add(_ other: CrashSums) {
        readySeconds += other.readySeconds
        accepted.merge(other.accepted) { $0 + $1 }
        keptUnanswered += other.keptUnanswered
        repeated += other.repeated
        promotions += other.promotions
        webhooks += other.webhooks
        webhooksAgain += other.webhooksAgain
        gatewayAnswers += other.gatewayAnswers
        gatewayLost += other.gatewayLost
        looks += other.looks
        if other.stepsAgain > stepsAgain { (stepsAgain, stepsOf) = (other.stepsAgain, other.stepsOf) }
    }

    var lines: [String] {
        let ready = readySeconds.sorted()
        let median = ready.isEmpty ? 0 : ready[ready.count / 2]
        return [
            "accepted and looked for: \(accepted[.interactions] ?? 0) interactions, \(accepted[.ratings] ?? 0) ratings; \(repeated) batches sent twice, \(keptUnanswered) unanswered ones had been kept",
            "promotions \(promotions); webhooks \(webhooks), \(webhooksAgain) of them delivered more than once; looks worked out again \(looks)",
            "training done again after a kill: at most \(stepsAgain) of \(stepsOf) steps",
            "gateway rows whose answer had begun and that a kill lost: \(gatewayLost) of \(gatewayAnswers) (these are not promised)",
            "ready again: median \(Figures.number(median, 2)) s, longest \(Figures.number(ready.last ?? 0, 2)) s of \(ready.count) starts",
        ]
    }
}
