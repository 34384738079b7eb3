import Contracts
import FineTuning
import Values

/// What every kind of job needs while it works: its folder, its account of time, and the wish of others that it stop.
final class JobContext {
    /// Least time between two checkpoints, in seconds; longer where writing one takes long.
    private static let checkpointInterval = 1.5
    /// Least time between two lines of progress, in seconds.
    private static let progressInterval = 0.25

    let directory: JobDirectory
    let job: JobDescription
    /// Of the description and the data, so that a checkpoint is never taken up by another job.
    let fingerprint: UInt64
    /// The wall clock, for progress only.
    private let now: () -> Timestamp
    /// CPU seconds and peak memory of the runs before this one.
    private let earlierCPUSeconds: Double
    private let earlierPeakMemoryBytes: Int
    /// The phase and state of the checkpoint found at the start.
    let resumed: JobCheckpoint?

    private var lastCheckpoint: Double
    private var checkpointCost = 0.0
    private var lastProgress = -1.0

    init(directory: JobDirectory, job: JobDescription, fingerprint: UInt64, now: @escaping () -> Timestamp) throws {
        self.directory = directory
        self.job = job
        self.fingerprint = fingerprint
        self.now = now
        let found = try directory.readCheckpoint().flatMap { JobCheckpoint($0) }
        resumed = found?.fingerprint == fingerprint ? found : nil
        earlierCPUSeconds = resumed?.cpuSeconds ?? 0
        earlierPeakMemoryBytes = resumed?.peakMemoryBytes ?? 0
        lastCheckpoint = JobProcess.monotonicSeconds
    }

    /// CPU seconds of all runs of this job; the work between a checkpoint and a kill is not counted twice, but lost.
    var cpuSeconds: Double { earlierCPUSeconds + JobProcess.cpuSeconds }

    var peakMemoryBytes: Int { max(earlierPeakMemoryBytes, JobProcess.peakMemoryBytes) }

    /// Throws when the job is to stop; asked between any two pieces of work that take a good part of a second.
    func check() throws {
        if directory.isCancelled { throw JobInterruption.cancelled }
        if JobProcess.terminationRequested { throw JobInterruption.terminated }
        if cpuSeconds > job.limits.cpuSeconds { throw JobInterruption.outOfTime }
    }

    /// Writes a checkpoint when the last one is old enough; writing takes at most a tenth of the time.
    func checkpointIfDue(phase: String, state: () -> [UInt8]) throws {
        let time = JobProcess.monotonicSeconds
        guard time - lastCheckpoint >= max(Self.checkpointInterval, 10 * checkpointCost) else { return }
        try checkpoint(phase: phase, state: state())
    }

    func checkpoint(phase: String, state: [UInt8]) throws {
        let start = JobProcess.monotonicSeconds
        let checkpoint = JobCheckpoint(
            fingerprint: fingerprint, cpuSeconds: cpuSeconds, peakMemoryBytes: peakMemoryBytes, phase: phase,
            state: state)
        try directory.writeCheckpoint(checkpoint.bytes)
        lastCheckpoint = JobProcess.monotonicSeconds
        checkpointCost = lastCheckpoint - start
    }

    /// Appends a line of progress, at most four a second unless it is a line that must stand.
    func report(
        phase: String, step: Int, of: Int, loss: Double? = nil, heldoutLoss: Double? = nil,
        gradientNorm: Double? = nil, secondsLeft: Double? = nil, always: Bool = false
    ) throws {
        let time = JobProcess.monotonicSeconds
        guard always || time - lastProgress >= Self.progressInterval else { return }
        lastProgress = time
        func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
        try directory.append(
            JobProgress(
                time: now(), phase: phase, step: step, of: of, loss: finite(loss), heldoutLoss: finite(heldoutLoss),
                gradientNorm: finite(gradientNorm), secondsLeft: finite(secondsLeft)))
    }

    /// Writes `estimate.json`, and throws `JobRefusal` where the job does not fit its limits.
    func refuseIfOver(cpuSeconds: Double, memoryBytes: Int) throws {
        let reason = JobEstimates.refusal(cpuSeconds: cpuSeconds, memoryBytes: memoryBytes, limits: job.limits)
        try directory.writeEstimate(JobEstimate(cpuSeconds: cpuSeconds, memoryBytes: memoryBytes, refused: reason))
        if let reason { throw JobRefusal(reason: reason) }
    }

    /// CPU seconds of some work.
    func measure(_ work: () throws -> Void) rethrows -> Double {
        let start = JobProcess.cpuSeconds
        try work()
        return JobProcess.cpuSeconds - start
    }

    /// Writes a checkpoint where one is of use, and throws the interruption.
    func leave(_ interruption: JobInterruption, phase: String, state: [UInt8]) throws -> Never {
        if case .terminated = interruption { try checkpoint(phase: phase, state: state) }
        throw interruption
    }

    /// Leaves when the job is to stop.
    func stopIfAsked(phase: String, state: @autoclosure () -> [UInt8]) throws {
        do { try check() } catch let interruption as JobInterruption {
            try leave(interruption, phase: phase, state: state())
        }
    }

    func result(
        _ status: JobResult.Status, reason: String? = nil, trainedParameters: Int? = nil,
        metrics: [String: Double] = [:]
    ) -> JobResult {
        JobResult(
            status: status, reason: reason, cpuSeconds: cpuSeconds, peakMemoryBytes: peakMemoryBytes,
            trainedParameters: trainedParameters, metrics: metrics.filter { $0.value.isFinite })
    }
}
