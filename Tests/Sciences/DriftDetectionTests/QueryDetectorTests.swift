import DriftDetection
import Foundation
import Testing

/// Rows of a gzipped JSON Lines file are read with gzip(1): the tests have no other way to reach it.
private func queries(_ path: String) -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    process.arguments = ["-dc", path]
    let pipe = Pipe()
    process.standardOutput = pipe
    guard (try? process.run()) != nil else { return [] }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    return data.split(separator: UInt8(ascii: "\n")).compactMap { line in
        (try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])?["query"] as? String
    }
}

/// SplitMix64, for shuffles that repeat.
private struct Mixer: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

private let dataFolder = ProcessInfo.processInfo.environment["RETUNED_DATA"] ?? "../shared/data"
private let hasData = FileManager.default.fileExists(atPath: dataFolder + "/multidogo/finance-train.jsonl.gz")

@Suite("Drift of queries")
struct QueryDetectorTests {
    /// Words of a small vocabulary, Zipf-like, so that queries repeat as real ones do.
    private func query(_ mixer: inout Mixer, vocabulary: String) -> String {
        let count = Int.random(in: 2...9, using: &mixer)
        return (0..<count).map { _ in
            let u = Double.random(in: 0.001..<1, using: &mixer)
            return "\(vocabulary)\(Int(1 / u) % 300)"
        }.joined(separator: " ")
    }

    @Test("Unchanged traffic runs longer than the budget of false alarms says, over seeds")
    func falseAlarms() {
        // 40 streams of 4,000 queries at one false alarm in 8,000: 20 alarms would be allowed on average.
        let threshold = AlarmThreshold.logarithm(observationsPerFalseAlarm: 8000, detectors: 1)
        var alarms = 0
        for seed in 0..<40 {
            var mixer = Mixer(state: UInt64(seed))
            var detector = QueryDetector(referenceCount: 1000, seed: UInt64(seed))
            for _ in 0..<5000 { detector.observe(.init(text: query(&mixer, vocabulary: "w"))) }
            if detector.logEvidence >= threshold { alarms += 1 }
        }
        #expect(alarms <= 20)
    }

    @Test("New words raise the alarm within a few hundred queries")
    func shift() {
        let threshold = AlarmThreshold.logarithm(observationsPerFalseAlarm: 60_000, detectors: 1)
        var onsetErrors: [Int] = []
        for seed in 0..<10 {
            var mixer = Mixer(state: UInt64(seed))
            var detector = QueryDetector(referenceCount: 1000, seed: UInt64(seed))
            for _ in 0..<3000 { detector.observe(.init(text: query(&mixer, vocabulary: "w"))) }
            var delay = 0
            while detector.logEvidence < threshold, delay < 1000 {
                delay += 1
                detector.observe(.init(text: query(&mixer, vocabulary: delay % 2 == 0 ? "w" : "new")))
            }
            #expect(delay < 400)
            onsetErrors.append(abs(detector.observationsSinceOnset - delay))
        }
        #expect(onsetErrors.sorted()[5] < 100, "\(onsetErrors)")
    }

    @Test(
        "Real traffic: quiet while it stays, an alarm when a domain is mixed in",
        .enabled(if: hasData, "no RETUNED_DATA"))
    func realTraffic() {
        let old =
            queries(dataFolder + "/clinc150/train.jsonl.gz") + queries(dataFolder + "/multidogo/airline-train.jsonl.gz")
            + queries(dataFolder + "/multidogo/fastfood-train.jsonl.gz")
        // A run of 4,000 at an expected run time of 60,000 or more alarms with probability 1/15 at most; of 20 seeds more
        // than 5 do so in under 0.2 % of the cases.
        let threshold = AlarmThreshold.logarithm(observationsPerFalseAlarm: 60_000, detectors: 1)
        var watching: [QueryDetector] = []
        var alarms = 0
        for seed in 0..<20 {
            var mixer = Mixer(state: UInt64(seed))
            var detector = QueryDetector(referenceCount: 1000, seed: UInt64(seed))
            var highest = -Double.infinity
            for _ in 0..<5000 {
                detector.observe(.init(text: old.randomElement(using: &mixer)!))
                highest = max(highest, detector.logEvidence)
            }
            if highest >= threshold { alarms += 1 } else { watching.append(detector) }
        }
        #expect(alarms <= 5)
        for name in ["multidogo/finance-train", "multidogo/insurance-train", "banking77/train"] {
            let new = queries("\(dataFolder)/\(name).jsonl.gz")
            // All of the traffic new, then half of it.
            for (share, limit) in [(1.0, 500), (0.5, 1500)] {
                var delays: [Int] = []
                for (seed, start) in watching.enumerated() {
                    var detector = start
                    var mixer = Mixer(state: UInt64(1000 + seed))
                    var delay = 0
                    while detector.logEvidence < threshold, delay < 3000 {
                        delay += 1
                        let isNew = Double.random(in: 0..<1, using: &mixer) < share
                        detector.observe(.init(text: (isNew ? new : old).randomElement(using: &mixer)!))
                    }
                    delays.append(delay)
                }
                delays.sort()
                #expect(delays[delays.count / 2] < 500 && delays.last! < limit, "\(name), \(share): \(delays)")
            }
        }
    }

    @Test("A word is named when three people used it, however often one of them did")
    func termsOfSeveralPeople() {
        func queries(_ word: String, units: [String?]) -> [(text: String, unit: String?)] {
            units.map { ("where is \(word)", $0) }
        }
        let one = queries("quibblesworth", units: Array(repeating: "u-1", count: 40))
        let two = queries("melanoma", units: ["u-1", "u-2", "u-1", "u-2", "u-2"])
        let three = queries("invoice", units: ["u-1", "u-2", "u-3"])
        // They may all be one person's.
        let nameless = queries("parcel", units: Array(repeating: nil, count: 3))
        let changes = TermChange.strongest(
            recent: one + two + three + nameless, reference: Array(repeating: "where is it", count: 200))
        #expect(Set(changes.map(\.term)).contains("invoice"))
        #expect(Set(changes.map(\.term)).isDisjoint(with: ["quibblesworth", "melanoma", "parcel"]))
    }
}
