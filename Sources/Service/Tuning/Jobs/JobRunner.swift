package import Contracts

/// Carries out job folders. The local runner starts `retuned-engine job`; others may send the folder elsewhere.
package protocol JobRunner: Sendable {
    /// Starts the job in this folder, or goes on with it; nothing happens where it runs or is final.
    func start(_ job: String, folder: String) async

    /// Where the job stands; never suspends for long.
    func status(of job: String, folder: String) async -> JobStatus

    /// Ends the job for good; returns once it no longer computes. Its result is then `cancelled` or what it had become.
    func cancel(_ job: String, folder: String) async
}

/// Where a job stands.
package enum JobStatus: Equatable, Sendable {
    /// Not started by this runner.
    case waiting
    case running(JobProgress?)
    /// `result/` is there.
    case ended(JobResult)
    /// It will never have a result: stuck, out of its memory budget, or its folder is damaged.
    case lost(reason: String)
}
