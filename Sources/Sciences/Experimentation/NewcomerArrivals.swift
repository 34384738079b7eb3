/// When newcomers came to rate, and which of them came in a burst.
///
/// A newcomer is a unit or a rater that was not there before the experiment began, and *arrives* with the first rating of
/// theirs, or of an answer to them.
///
/// 1. Time is cut into hours from the start of the experiment. An hour is over with the first look at its end or later.
///    Whoever comes for an hour that is over arrives in the first one that is not.
/// 2. Where more arrived in six hours in a row than `BurstLimits` allows where they end, these are a burst, and all who
///    arrived in them are set aside for good.
/// 3. Whoever else arrived in an hour is released when all six hours in a row that hold it are over, so five to six hours
///    after they arrived, at the first look from then on. Until then they wait.
///
/// What decides is how many came when: no value of a rating, and no arm. So in whatever way ratings come, those that are left
/// favour no arm, and what errs at a rate with all of them errs at that rate without some.
package struct NewcomerArrivals: Equatable, Sendable {
    /// What becomes of a newcomer's ratings.
    package enum Standing: Sendable { case waiting, released, aside }

    private let limits: BurstLimits
    private let hourSeconds: Double
    /// The hour in which each newcomer arrived.
    private var hours: [String: Int32] = [:]
    /// By the hour, how many arrived, and what became of them once it is known.
    private var counts: [Int] = []
    private var standings: [Int: Standing] = [:]
    /// Who arrived in hours of which that is not known yet.
    private var unsettled: [Int: [String]] = [:]
    /// Hours that are over.
    private var over = 0
    /// Six hours and more in which too many came, in the order of time; those that overlap or touch are one.
    package private(set) var bursts: [Burst] = []

    /// Hours in a row in which too many newcomers came.
    package struct Burst: Equatable, Sendable {
        /// Since the start.
        package var hours: Range<Int>
        package var newcomers: Int
    }

    /// - Parameter hourSeconds: length of an hour, above 0.
    package init(limits: BurstLimits, hourSeconds: Double) {
        self.limits = limits
        self.hourSeconds = hourSeconds
    }

    /// Nil: has not arrived.
    package func standing(of newcomer: String) -> Standing? {
        hours[newcomer].map { standings[Int($0)] ?? .waiting }
    }

    /// Who is set aside, and when the hour of their arrival began, in seconds since the start.
    package var aside: [(newcomer: String, seconds: Double)] {
        hours.compactMap { newcomer, hour in
            standings[Int(hour)] == .aside ? (newcomer, Double(hour) * hourSeconds) : nil
        }
    }

    /// A newcomer rated, or was rated, in the order of the log.
    ///
    /// - Parameter seconds: when that was received, since the start.
    /// - Returns: whether it is the first time.
    package mutating func arrive(_ newcomer: String, at seconds: Double) -> Bool {
        guard hours[newcomer] == nil else { return false }
        let hour = max(over, hour(at: seconds))
        hours[newcomer] = Int32(clamping: hour)
        if counts.count <= hour { counts += [Int](repeating: 0, count: hour + 1 - counts.count) }
        counts[hour] += 1
        unsettled[hour, default: []].append(newcomer)
        return true
    }

    /// A look is about to be taken: hours that ended by then are over.
    ///
    /// - Parameter seconds: since the start.
    /// - Returns: who is released by it, and who is set aside.
    package mutating func look(at seconds: Double) -> (released: [String], aside: [String]) {
        let first = over
        over = max(over, hour(at: seconds))
        guard over > first else { return ([], []) }
        if counts.count < over { counts += [Int](repeating: 0, count: over - counts.count) }
        var settled: (released: [String], aside: [String]) = ([], [])
        for hour in first..<over {
            let span = max(0, hour - BurstLimits.span + 1)...hour
            if counts[span].reduce(0, +) > limits.limit(endingIn: hour) {
                add(Range(span))
                for hour in span where standings[hour] == nil {
                    standings[hour] = .aside
                    settled.aside += unsettled.removeValue(forKey: hour) ?? []
                }
            }
            // No six hours that end later hold this one.
            if standings[span.lowerBound] == nil, span.count == BurstLimits.span {
                standings[span.lowerBound] = .released
                settled.released += unsettled.removeValue(forKey: span.lowerBound) ?? []
            }
        }
        return settled
    }

    private mutating func add(_ hours: Range<Int>) {
        var burst = hours
        if let last = bursts.last, last.hours.upperBound >= hours.lowerBound {
            burst = last.hours.lowerBound..<hours.upperBound
            bursts.removeLast()
        }
        bursts.append(Burst(hours: burst, newcomers: counts[burst].reduce(0, +)))
    }

    private func hour(at seconds: Double) -> Int { Int(max(0, min(seconds / hourSeconds, 1e6))) }
}
