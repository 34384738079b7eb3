import Locking

/// Kills and faults, by phase.
final class CrashTally: Sendable {
    struct Kill: Sendable {
        var phase: CrashPhase
        var target: CrashTarget
    }

    private struct State {
        var kills: [Kill] = []
        var faults: [(phase: CrashPhase, fault: CrashFault)] = []
        var seen: Set<String> = []
        var phase = CrashPhase.ingest
    }

    private let state = Locked(State())
    private let onFault: @Sendable (CrashFault) -> Void

    init(onFault: @escaping @Sendable (CrashFault) -> Void) {
        self.onFault = onFault
    }

    func count(_ kill: Kill) {
        state.withLock { $0.kills.append(kill) }
    }

    /// What is found from now on is put to the account of this phase.
    func enter(_ phase: CrashPhase) { state.withLock { $0.phase = phase } }

    /// Takes faults down, each once, to the account of the phase of the last kill.
    func note(_ faults: [CrashFault]) {
        for fault in faults {
            let isNew = state.withLock { state in
                guard state.seen.insert(fault.text).inserted else { return false }
                state.faults.append((state.phase, fault))
                return true
            }
            if isNew { onFault(fault) }
        }
    }

    func kills(_ phase: CrashPhase, _ target: CrashTarget? = nil) -> Int {
        state.withLock { $0.kills.count { $0.phase == phase && (target == nil || $0.target == target) } }
    }

    var kills: Int { state.withLock { $0.kills.count } }

    func faults(_ kind: CrashFault.Kind, in phase: CrashPhase? = nil) -> Int {
        state.withLock { $0.faults.count { $0.fault.kind == kind && (phase == nil || $0.phase == phase) } }
    }

    var isClean: Bool { state.withLock { $0.faults.isEmpty } }

    /// Phases as rows: kills by what was killed, and faults.
    var table: String {
        func row(_ cells: [String]) -> String {
            (cells.first ?? "").padded(to: 12) + cells.dropFirst().map { $0.padded(to: 12, isLeft: false) }.joined()
        }
        var lines = [
            row(["phase", "kills"] + CrashTarget.allCases.map(\.rawValue) + CrashFault.Kind.allCases.map(\.rawValue))
        ]
        for phase in CrashPhase.allCases {
            lines.append(
                row(
                    [phase.rawValue, "\(kills(phase))"] + CrashTarget.allCases.map { "\(kills(phase, $0))" }
                        + CrashFault.Kind.allCases.map { "\(faults($0, in: phase))" }))
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    func padded(to width: Int, isLeft: Bool = true) -> String {
        let space = String(repeating: " ", count: max(0, width - count))
        return isLeft ? self + space : space + self
    }
}
