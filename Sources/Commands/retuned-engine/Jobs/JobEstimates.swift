import Contracts

/// Sentences about estimates.
enum JobEstimates {
    static func refusal(cpuSeconds: Double, memoryBytes: Int, limits: JobDescription.Limits) -> String? {
        if cpuSeconds > limits.cpuSeconds {
            return "\(duration(cpuSeconds)) of CPU here, the budget is \(duration(limits.cpuSeconds))"
        }
        if memoryBytes > limits.memoryBytes {
            return "\(memoryBytes >> 20) MiB of memory here, the budget is \(limits.memoryBytes >> 20) MiB"
        }
        return nil
    }

    /// `42 s`, `7 min`, `61 h`.
    static func duration(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: "\((seconds * 10).rounded() / 10) s"
        case ..<7200: "\(Int((seconds / 60).rounded())) min"
        case ..<1e9: "\(Int((seconds / 3600).rounded())) h"
        default: "more than 30 years"
        }
    }
}
