import Foundation
import Locking
import OutboundHTTP
import Values

/// The crash test: `CrashLife` is one state folder from its first start to the last look at it; this makes as many of
/// them as the kills need, and prints what came of all.
final class CrashTest: Sendable {
    let settings: CrashSettings
    let timeline = Timeline()
    let tally: CrashTally
    let http = HTTPClient(configuration: .init(userAgent: "retuned-demo"))
    let pools: TrafficPools?
    /// Lengths of the phases, from passes without a kill.
    let lengths = Locked(PhaseLengths())
    let random: Locked<SeededRandom>
    private let sums = Locked(CrashSums())
    private let current = Locked<CrashLife?>(nil)

    init(_ settings: CrashSettings) {
        self.settings = settings
        tally = CrashTally { [timeline] fault in timeline.say("FAULT \(fault.kind.rawValue): \(fault.text)") }
        random = Locked(SeededRandom(settings.seed, "kills"))
        pools = try? TrafficPools(
            source: TrafficSource(folder: ""), shifts: [TrafficSource(folder: "").defaultShift],
            next: [TrafficSource(folder: "").defaultNext], seed: settings.seed)
    }

    /// Uniform in [0, 1).
    func draw() -> Double { random.withLock { $0.share() } }

    /// Kills that a phase still needs.
    func wanted(_ phase: CrashPhase) -> Int { max(0, settings.kills(phase) - tally.kills(phase)) }

    private var isEnough: Bool { CrashPhase.allCases.allSatisfy { wanted($0) == 0 } }

    /// True where everything held.
    func run() async -> Bool {
        let folder = NSTemporaryDirectory() + "retuned-crash-\(getpid())"
        timeline.plain(
            "retuned: \(settings.kills) kills with SIGKILL, seed \(settings.seed), \(settings.config); state in \(folder)"
        )
        let interrupts = Interruptions { [current] in current.value?.killChildren() }
        defer { interrupts.cancel() }
        var ended = "broken off"
        var number = 0
        repeat {
            number += 1
            let life = CrashLife(self, number: number, folder: "\(folder)/\(number)")
            current.value = life
            do {
                ended = try await life.run { isEnough }
            } catch {
                timeline.say("The crash test failed: \(error)")
                timeline.plain(life.lastWords)
                ended = "broken off"
            }
            await life.end()
            sums.withLock { $0.add(life.sums) }
            if ended == "broken off" { break }
        } while !isEnough && !settings.isShort
        http.close()
        report(ended)
        let isGood = tally.isClean && ended == "promoted" && isEnough
        if isGood, !settings.keeps { try? FileManager.default.removeItem(atPath: folder) }
        return isGood
    }

    private func report(_ ended: String) {
        timeline.plain()
        timeline.plain(tally.table)
        timeline.plain()
        for line in sums.value.lines { timeline.plain(line) }
        let lengths = lengths.value.seconds
        timeline.plain(
            "lengths without a kill: "
                + CrashPhase.allCases.map { "\($0.rawValue) \(Figures.number(lengths[$0] ?? 0, 2)) s" }.joined(
                    separator: ", "))
        timeline.plain(
            "RESULT kills=\(tally.kills) lost=\(tally.faults(.lost)) twice=\(tally.faults(.twice)) impossible=\(tally.faults(.impossible)) ended=\(ended)"
        )
    }
}
