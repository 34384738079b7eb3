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
            let controlArm = try #require(row["a"])
            let candidateArm = try #require(row["b"])
            let control = try statistic(kind, controlArm)
            let candidate = try statistic(kind, candidateArm)
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

    private func numbers(_ value: JSONValue?) throws -> [Double] {
        let elements = try #require(value?.arrayValue)
        return elements.compactMap(\.doubleValue)
    }

    private func check(
        _ interval: ArmComparison.Interval, _ expected: JSONValue?, _ comparison: ArmComparison, _ place: Comment
    ) throws {
        let bounds = try numbers(expected?["interval"])
        let error = try #require(expected?["standard_error"]?.doubleValue)
        let difference = try #require(expected?["expected"]?.doubleValue)
        let pValue = try #require(expected?["p_value"]?.doubleValue)
        #expect(isClose(comparison.difference, difference), place)
        #expect(isClose(comparison.squaredError.squareRoot(), error), place)
        // A bound near zero is a difference of two larger numbers: 1e-9 of the width counts there.
        #expect(isClose(interval.lower, bounds[0], absolute: 1e-9 * error), place)
        #expect(isClose(interval.upper, bounds[1], absolute: 1e-9 * error), place)
        // gbstats takes 2 · (1 − F(t)), which is exact only to the last bit of 1; ours is the tail itself.
        #expect(isClose(interval.pValue, pValue, absolute: 4e-16), place)
    }

    private func check(sampleRatio row: JSONValue, number: Int) throws {
        let users = try numbers(row["users"]).map { Int($0) }
        let weights = try numbers(row["weights"])
        let expected = try #require(row["p_value"]?.doubleValue)
        #expect(isClose(SampleRatioTest.chiSquarePValue(counts: users, weights: weights), expected), "row \(number)")
    }

    private func statistic(_ kind: String, _ arm: JSONValue) throws -> ArmStatistic {
        func number(_ value: JSONValue?) throws -> Double { try #require(value?.doubleValue) }
        func sums(_ value: JSONValue?) throws -> ArmStatistic.Sums {
            try ArmStatistic.Sums(
                units: Int(number(value?["n"])), sum: number(value?["sum"]), squares: number(value?["sum_squares"]))
        }
        switch kind {
        case "mean": return try .mean(sums(arm))
        case "proportion": return try .proportion(units: Int(number(arm["n"])), successes: number(arm["sum"]))
        case "ratio":
            return try .ratio(
                numerator: sums(arm["m_statistic"]), denominator: sums(arm["d_statistic"]),
                products: number(arm["m_d_sum_of_products"]))
        case "cuped":
            return try .adjusted(
                outcome: sums(arm["post_statistic"]), covariate: sums(arm["pre_statistic"]),
                products: number(arm["post_pre_sum_of_products"]), theta: number(arm["theta"]))
        default: throw UnknownKind(kind: kind)
        }
    }

    private struct UnknownKind: Error { var kind: String }
}
