import Experimentation
import Foundation
import Testing
import Values

private let file =
    (ProcessInfo.processInfo.environment["RETUNED_REFERENCE"] ?? "../shared/reference") + "/experiments.jsonl"

/// What GrowthBook's gbstats computes, line by line.
@Suite("ReferenceExperiments", .enabled(if: FileManager.default.fileExists(atPath: file), "no experiments.jsonl"))
struct ReferenceExperimentsTests {
    private func rows() throws -> [JSONValue] {
        let data = try Data(contentsOf: URL(fileURLWithPath: file))
        return try data.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: [UInt8]($0)) }
    }

    private func isClose(_ value: Double, _ expected: Double, absolute: Double = 0) -> Bool {
        abs(value - expected) <= max(1e-9 * abs(expected), absolute)
    }

    @Test("Intervals, p-values and sample ratios agree to 1e-9 relative")
    func everyRow() throws {
        var kinds: [String: Int] = [:]
        for (number, row) in try rows().enumerated() {
            let kind = try #require(row["kind"]?.stringValue)
            kinds[kind, default: 0] += 1
            if kind == "srm" {
                try check(sampleRatio: row, number: number)
                continue
            }
            let control = try statistic(kind, #require(row["a"]))
            let candidate = try statistic(kind, #require(row["b"]))
            let alpha = try #require(row["alpha"]?.doubleValue)
            let tuning = try #require(row["tuning"]?.doubleValue)
            for (name, scale) in [("absolute", ArmComparison.Scale.absolute), ("relative", .relative)] {
                let expected = try #require(row[name])
                let comparison = try #require(
                    ArmComparison(control: control, candidate: candidate, scale: scale), "row \(number)")
                let place: Comment = "row \(number), \(kind), \(name)"
                try check(
                    comparison.sequential(alpha: alpha, tuning: tuning), expected["sequential"], comparison, place)
                try check(comparison.fixed(alpha: alpha), expected["fixed"], comparison, place)
            }
        }
        #expect(kinds.values.reduce(0, +) > 0, "the file is empty")
    }

    private func check(
        _ interval: ArmComparison.Interval, _ expected: JSONValue?, _ comparison: ArmComparison, _ place: Comment
    ) throws {
        let bounds = try #require(expected?["interval"]?.arrayValue?.compactMap(\.doubleValue))
        let error = try #require(expected?["standard_error"]?.doubleValue)
        #expect(try isClose(comparison.difference, #require(expected?["expected"]?.doubleValue)), place)
        #expect(isClose(comparison.squaredError.squareRoot(), error), place)
        // A bound near zero is a difference of two larger numbers: 1e-9 of the width counts there.
        #expect(isClose(interval.lower, bounds[0], absolute: 1e-9 * error), place)
        #expect(isClose(interval.upper, bounds[1], absolute: 1e-9 * error), place)
        // gbstats takes 2 · (1 − F(t)), which is exact only to the last bit of 1; ours is the tail itself.
        #expect(try isClose(interval.pValue, #require(expected?["p_value"]?.doubleValue), absolute: 4e-16), place)
    }

    private func check(sampleRatio row: JSONValue, number: Int) throws {
        let users = try #require(row["users"]?.arrayValue?.compactMap(\.intValue))
        let weights = try #require(row["weights"]?.arrayValue?.compactMap(\.doubleValue))
        let expected = try #require(row["p_value"]?.doubleValue)
        #expect(isClose(SampleRatioTest.chiSquarePValue(counts: users, weights: weights), expected), "row \(number)")
    }

    private func statistic(_ kind: String, _ arm: JSONValue) throws -> ArmStatistic {
        func sums(_ value: JSONValue?) throws -> ArmStatistic.Sums {
            try ArmStatistic.Sums(
                units: #require(value?["n"]?.intValue), sum: #require(value?["sum"]?.doubleValue),
                squares: #require(value?["sum_squares"]?.doubleValue))
        }
        switch kind {
        case "mean": return try .mean(sums(arm))
        case "proportion":
            return try .proportion(
                units: #require(arm["n"]?.intValue), successes: #require(arm["sum"]?.doubleValue))
        case "ratio":
            return try .ratio(
                numerator: sums(arm["m_statistic"]), denominator: sums(arm["d_statistic"]),
                products: #require(arm["m_d_sum_of_products"]?.doubleValue))
        case "cuped":
            return try .adjusted(
                outcome: sums(arm["post_statistic"]), covariate: sums(arm["pre_statistic"]),
                products: #require(arm["post_pre_sum_of_products"]?.doubleValue),
                theta: #require(arm["theta"]?.doubleValue))
        default: throw UnknownKind(kind: kind)
        }
    }

    private struct UnknownKind: Error { var kind: String }
}
