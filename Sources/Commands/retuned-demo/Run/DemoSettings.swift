import Foundation

/// What the demonstration was asked for.
struct DemoSettings: Sendable {
    var config: String
    var scenario: Scenario
    var data: String
    var model: String
    var adapter: String
    var shifts: [String]
    var next: [String]
    var seed: UInt64
    var users: Int
    var rate: Double
    var correct: Double
    /// Share of the units that label wrongly, in `harm`.
    var hostile: Double
    var isGateOff: Bool
    var keeps: Bool
    var pace: Double
    var history: Int
    var limit: Double
    /// Seconds of steady traffic before it moves; long enough that the detectors have their reference.
    var steady: Double
    /// Seconds of traffic after the end, to see what users get now.
    var tail: Double
    /// Whether the shift is the default one.
    var isDefaultShift: Bool
    /// Folder of the demonstration's own executable, where the others lie.
    var binaries: String

    init(_ command: RunCommand, environment: [String: String]) throws {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        func number(_ name: String, _ fallback: Double) throws -> Double {
            guard let text = value(name) else { return fallback }
            guard let number = Double(text) else { throw DemoFailure("\(name)=\(text) is not a number") }
            return number
        }
        func path(_ text: String) -> String {
            text.isEmpty ? "" : URL(fileURLWithPath: text).standardizedFileURL.path
        }
        guard let scenario = command.scenario ?? Scenario(rawValue: value("SCENARIO") ?? "shift") else {
            throw DemoFailure("SCENARIO=\(value("SCENARIO") ?? "") is not one of steady, shift, harm, again")
        }
        self.scenario = scenario
        binaries = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
        let root = Self.packageRoot(from: binaries)
        config = path(command.config ?? "\(root)/config/demo.yaml")
        data = path(value("DATA") ?? "")
        model = path(value("MODEL") ?? "\(root)/Samples/base")
        adapter = path(value("ADAPTER") ?? "")
        guard FileManager.default.fileExists(atPath: "\(model)/config.json") else {
            throw DemoFailure("MODEL: \(model) holds no checkpoint (config.json is missing)")
        }
        if value("MODEL") == nil, !data.isEmpty {
            throw DemoFailure("DATA needs a MODEL that knows its reference traffic, for example MODEL=…/support-base")
        }
        let source = TrafficSource(folder: data)
        let words = { (text: String?) in text?.split(separator: " ").map(String.init) ?? [] }
        shifts = words(value("SHIFTS"))
        isDefaultShift = shifts.isEmpty || shifts == [source.defaultShift]
        if shifts.isEmpty { shifts = [source.defaultShift] }
        next = words(value("NEXT"))
        if next.isEmpty { next = [source.defaultNext] }
        seed = command.seed ?? UInt64(value("SEED") ?? "1") ?? 1
        users = command.users
        rate = try number("RATE", 0.5)
        correct = try number("CORRECT", 0.5)
        hostile = scenario == .harm ? try number("HOSTILE", 0.7) : 0
        isGateOff = value("GATE") == "off"
        keeps = value("KEEP") == "1"
        pace = try command.pace ?? number("PACE", 60)
        history = command.history ?? 14_000
        limit = command.limit
        steady = command.steady ?? (scenario == .steady ? 120 : 20)
        tail = command.tail
    }

    /// The folder with Package.swift above `folder`, else the working directory.
    static func packageRoot(from folder: String) -> String {
        var url = URL(fileURLWithPath: folder)
        while url.path != "/" {
            if FileManager.default.fileExists(atPath: url.appendingPathComponent("Package.swift").path) {
                return url.path
            }
            url.deleteLastPathComponent()
        }
        return FileManager.default.currentDirectoryPath
    }
}
