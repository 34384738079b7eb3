import Testing
import Values

@Suite("Durations") struct DurationTextTests {
    @Test(arguments: [
        ("0s", 0 as Int64, "0s"), ("250ms", 250, "250ms"), ("90s", 90_000, "90s"), ("30m", 1_800_000, "30m"),
        ("6h", 21_600_000, "6h"), ("1d", 86_400_000, "1d"), ("2w", 1_209_600_000, "14d"),
        ("1h30m", 5_400_000, "90m"), ("1s500ms", 1500, "1500ms"), ("1500ms", 1500, "1500ms"), ("60s", 60_000, "1m"),
    ])
    func readsAndWrites(text: String, milliseconds: Int64, written: String) {
        #expect(DurationText.parse(text) == .milliseconds(milliseconds))
        #expect(DurationText.format(.milliseconds(milliseconds)) == written)
    }

    @Test(arguments: [
        "", "5", "s", "-5s", "1.5h", "5 s", "5S", "30m1h", "1h1h", "5sec", "٣s", "99999999999999999999s",
        "9223372036854775807s", "+5s", " 5s",
    ])
    func refuses(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test func roundTrips() {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<5000 {
            let duration = Duration.milliseconds(Int64.random(in: 0...10_000_000_000, using: &generator))
            #expect(DurationText.parse(DurationText.format(duration)) == duration)
        }
    }
}
