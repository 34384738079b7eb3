import Glibc

/// The evidence that raises an alarm, from a budget of false alarms.
package enum AlarmThreshold {
    /// Natural logarithm of the threshold.
    ///
    /// - Parameters:
    ///   - observations: that pass in the time in which one false alarm is allowed.
    ///   - detectors: that share the budget.
    package static func logarithm(observationsPerFalseAlarm observations: Double, detectors: Int) -> Double {
        log(max(leastRunTime, observations * Double(detectors)))
    }

    /// No budget is so generous that fewer observations than these may raise an alarm on their own.
    private static let leastRunTime = 500.0
}
