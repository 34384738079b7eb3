import Foundation

/// What a crash test was asked for.
struct CrashSettings: Sendable {
    var kills: Int
    var seed: UInt64
    var config: String
    var isShort: Bool
    var keeps: Bool
    var binaries: String
    var model: String

    init(kills: Int, seed: UInt64, config: String?, isShort: Bool, keeps: Bool) throws {
        self.kills = kills
        self.seed = seed
        self.isShort = isShort
        self.keeps = keeps
        binaries = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
        let root = DemoSettings.packageRoot(from: binaries)
        self.config = config ?? "\(root)/config/crash.yaml"
        model = "\(root)/Samples/base"
        guard FileManager.default.fileExists(atPath: "\(model)/config.json") else {
            throw DemoFailure("\(model) holds no checkpoint (config.json is missing)")
        }
    }

    /// Kills in a phase. A promotion is over in a moment, so that a turn of the loop has room for few there; it gets
    /// fewer, and ingest the rest.
    func kills(_ phase: CrashPhase) -> Int {
        let quarter = (kills + 3) / 4
        let promotion = max(min(30, quarter), kills * 7 / 40)
        switch phase {
        case .training, .experiment: return quarter
        case .promotion: return promotion
        case .ingest: return max(1, kills - 2 * quarter - promotion)
        }
    }

    /// Messages of earlier weeks that are posted first.
    var history: Int { isShort ? 900 : 2000 }

    /// Most seconds of one state folder: a quarter of what retention keeps at this time scale, so that nothing is deleted
    /// that is looked for.
    static let lifeSeconds = 270.0
}

/// How long phases last when nothing is killed, in seconds; what was not measured is short enough to be met.
struct PhaseLengths: Sendable {
    var seconds: [CrashPhase: Double] = [.ingest: 1, .training: 4, .experiment: 4, .promotion: 0.1]
    /// From the readiness of a daemon that was started again to an answer by what was promoted.
    var reloading = 0.5
}
