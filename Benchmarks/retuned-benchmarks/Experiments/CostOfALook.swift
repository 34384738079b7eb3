import Experimentation
import Foundation
import Statistics

/// Time of a look in memory, by number of units, and what is kept on disk.
enum CostOfALook {
    static func table(units: [Int], seed: UInt64) throws -> BenchmarkTable {
        var table = BenchmarkTable(
            title: "A look, one thread: with nothing new, and after 200 new ratings with their requests",
            columns: ["rated units", "nothing new", "200 new", "state of the experiment, bytes"])
        for count in units {
            let design = RampedTraffic.design
            var generator = SeededGenerator(seed: seed)
            var experiment = Experiment(design: design)
            var data = ExperimentData(design: design)
            var sequence: Int64 = 0
            for unit in 0..<count { rate(unit, &sequence, &data, &generator, isNew: true) }
            look(&experiment, &data, at: 1)
            let nothing = seconds(100) { look(&experiment, &data, at: Double($0 + 2)) }
            let new = seconds(20) { number in
                for _ in 0..<200 { rate(generator.index(below: count), &sequence, &data, &generator, isNew: false) }
                look(&experiment, &data, at: Double(number + 200))
            }
            table.add(
                "\(count)", "\(Cells.number(nothing * 1e6)) µs", "\(Cells.number(new * 1e6)) µs",
                "\(try JSONEncoder().encode(experiment).count)")
        }
        return table
    }

    private static func rate(
        _ unit: Int, _ sequence: inout Int64, _ data: inout ExperimentData, _ generator: inout SeededGenerator,
        isNew: Bool
    ) {
        let arm: ExperimentData.Arm = unit % 2 == 0 ? .incumbent : .candidate
        if isNew {
            data.enrol(
                unit: "unit-\(unit)", in: arm, earlier: EarlierRatings(ratings: unit % 7, scores: Double(unit % 3)))
        }
        sequence += 1
        data.serve(
            unit: "unit-\(unit)", arm: arm, RequestOutcome(failed: false, latencyMilliseconds: 100), interaction: 0,
            receivedSeconds: 0)
        data.rate(
            .init(
                unit: "unit-\(unit)", arm: arm, rater: "unit-\(unit)", interaction: sequence,
                score: generator.chance(0.7) ? 1 : 0, time: sequence, sequence: sequence, receivedSeconds: 1))
    }

    private static func look(_ experiment: inout Experiment, _ data: inout ExperimentData, at seconds: Double) {
        _ = experiment.look(at: data, elapsedSeconds: seconds)
        data.endLook()
    }

    /// The median of so many times.
    private static func seconds(_ times: Int, _ work: (Int) -> Void) -> Double {
        var taken: [Double] = []
        for number in 0..<times {
            let start = ContinuousClock.now
            work(number)
            let elapsed = ContinuousClock.now - start
            taken.append(Double(elapsed.components.attoseconds) / 1e18 + Double(elapsed.components.seconds))
        }
        return Quantiles.median(taken)
    }
}
