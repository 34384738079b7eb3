import Testing
import Values

@Suite("Timestamps") struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0 as Int64), ("2026-05-01T09:30:00Z", 1_777_627_800_000),
        ("2026-05-01T09:30:00.5Z", 1_777_627_800_500), ("2026-05-01T09:30:00.123456789Z", 1_777_627_800_123),
        ("2026-05-01t18:30:00+09:00", 1_777_627_800_000), ("2026-05-01 05:00:00-04:30", 1_777_627_800_000),
        ("2000-02-29T00:00:00z", 951_782_400_000), ("2024-02-29T23:59:60Z", 1_709_251_200_000),
        ("1969-12-31T23:59:59.999Z", -1), ("0001-01-01T00:00:00Z", -62_135_596_800_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999), ("1900-03-01T00:00:00-00:00", -2_203_891_200_000),
    ])
    func reads(text: String, milliseconds: Int64) {
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026-05-01", "2026-05-01T09:30:00", "2026-05-01T09:30Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-04-31T00:00:00Z", "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-05-01T24:00:00Z",
        "2026-05-01T09:60:00Z", "2026-05-01T09:30:61Z", "2026-05-01T09:30:00.Z", "2026-05-01T09:30:00+9:00",
        "2026-05-01T09:30:00+24:00", "2026-05-01T09:30:00+09:60", "2026-05-01T09:30:00+0900", "2026-05-01T09:30:00Z ",
        " 2026-05-01T09:30:00Z", "0000-01-01T00:00:00Z", "2026-05-01X09:30:00Z", "２026-05-01T09:30:00Z",
        "2026-05-00T09:30:00Z", "1777627800", "2026/05/01T09:30:00Z", "+026-05-01T09:30:00Z",
    ])
    func refuses(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func roundTrips() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let time = Timestamp(
                milliseconds: .random(in: -62_135_596_800_000...253_402_300_799_999, using: &generator))
            #expect(Timestamp(time.description) == time)
        }
        #expect(Timestamp(milliseconds: 1_777_627_800_000).description == "2026-05-01T09:30:00.000Z")
        #expect(Timestamp(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
    }

    @Test func everyDayOfFourCenturies() {
        for day in -146_097..<146_097 {
            let time = Timestamp(milliseconds: Int64(day) * 86_400_000)
            #expect(Timestamp(time.description) == time)
        }
    }

    @Test func arithmetic() {
        let start = Timestamp(milliseconds: 1000)
        #expect(start.advanced(bySeconds: 1.5).milliseconds == 2500)
        #expect(start.seconds(since: Timestamp(milliseconds: 3000)) == -2)
        #expect(start < start.advanced(bySeconds: 0.001))
    }
}
