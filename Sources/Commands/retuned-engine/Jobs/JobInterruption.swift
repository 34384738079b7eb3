/// Why a job stops before its end.
enum JobInterruption: Error {
    /// SIGTERM: write a checkpoint and leave.
    case terminated
    /// The file `cancel`: final.
    case cancelled
    /// The limit of CPU time is spent: final.
    case outOfTime
}
