import Foundation

/// Where and on what a figure was measured.
struct Machine: Encodable {
    var commit: String
    var processor: String
    var features: [String]
    var cores: Int
    var threads: Int
    var loadBefore: Double

    /// - Parameter threads: that the measurement uses.
    init(threads: Int) {
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        func value(_ key: String) -> String {
            let line = lines.first { $0.hasPrefix(key) }
            return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
        }
        let family = "family \(value("cpu family")) model \(value("model\t"))"
        processor = "\(value("model name")) (\(family))"
        let flags = Set(value("flags").split(separator: " ").map(String.init))
        features = ["avx2", "avx512f", "avx512_bf16", "amx_tile"].filter(flags.contains)
        cores = ProcessInfo.processInfo.processorCount
        self.threads = threads
        commit = ProcessInfo.processInfo.environment["COMMIT"] ?? "unknown"
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?.split(separator: " ").first
        loadBefore = load.flatMap { Double($0) } ?? 0
    }

    var line: String {
        "commit \(commit); \(processor), \(features.joined(separator: " ")); \(cores) cores, \(threads) threads, load \(loadBefore) before"
    }
}
