import Foundation
import Subprocess
import SystemPackage
import Testing

/// One loop with the real binaries: daemon, engine and player, on the project's own sample and base.
@Suite("Loop: from the first query to a promotion, with the real binaries", .serialized)
struct LoopTests {
    @Test func endsWithAnAdapterThatTheExperimentPromoted() async throws {
        let settings = [
            "DATA", "MODEL", "ADAPTER", "SHIFTS", "NEXT", "SEED", "SCENARIO", "RATE", "CORRECT", "HOSTILE", "GATE",
            "KEEP", "PACE",
        ]
        let result = try await run(
            .path(FilePath(".build/release/retuned-demo")),
            arguments: ["run", "--history", "6000", "--pace", "70", "--steady", "6", "--tail", "1"],
            environment: .inherit.updating(
                Dictionary(uniqueKeysWithValues: settings.map { (.init(stringLiteral: $0), "") })),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let text = result.standardOutput
        let transcript = Comment(rawValue: text + result.standardError)
        try #require(result.terminationStatus == .exited(0), transcript)
        #expect(text.hasSuffix("RESULT scenario=shift ended=promoted expected=promoted\n"), transcript)
        // What it prints as proven: each step happened, and the experiment is what decided.
        for step in [
            "webhook drift.detected (signature verified)", "impact of every module", "an adapter is trained",
            "webhook experiment.started (signature verified)", "webhook experiment.decided (signature verified)",
            "webhook adapter.promoted (signature verified)",
        ] { #expect(text.contains(step), transcript) }
        #expect(text.contains(/promote: difference \+/), transcript)
        let looks = try #require(text.firstMatch(of: /(\d+) of (\d+) looks agree/), transcript)
        #expect(looks.1 == looks.2, transcript)
        let rows = try #require(text.firstMatch(of: /training rows +(\d+) \(.*\); (\d+) descend/), transcript)
        #expect(rows.1 == rows.2, transcript)
    }
}
