/// The built-in engine.
package struct EngineSettings: Equatable, Sendable {
    /// Path of `retuned-engine`; empty: beside the daemon's own executable.
    package var executable = ""
    /// Threads of `retuned-engine serve`.
    package var servingThreads = 2
    /// Threads of a job.
    package var jobThreads = 1
    /// Most sequences in one step of the server.
    package var maximumBatch = 32

    package init() {}
}

extension EngineSettings: Decodable {
    /// The keys of `engine`; any other is refused.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case executable, servingThreads, jobThreads, maximumBatch
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try values.read(&executable, .executable)
        try values.read(&servingThreads, .servingThreads)
        try values.read(&jobThreads, .jobThreads)
        try values.read(&maximumBatch, .maximumBatch)
    }
}
