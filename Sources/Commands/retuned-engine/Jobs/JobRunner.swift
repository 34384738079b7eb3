import Contracts
import FineTuning
import Glibc
import Tensors
import Transformer
import Values

/// Carries out a job folder from its first line to its exit status.
struct JobRunner {
    let directory: JobDirectory
    /// The process that started this one, where it says so.
    let parent: Int32?
    /// The wall clock, for times of progress.
    let now: () -> Timestamp

    /// - Returns: the exit status: 0 where `result/` is final; `JobProcess.interrupted` after SIGTERM, with a checkpoint;
    ///   `JobProcess.systemError` after an error of the system that may pass; `JobProcess.noFolder`.
    func run() -> Int32 {
        // Two processes must never carry out one folder: whoever started this one may have been killed and have started
        // another since.
        guard JobProcess.prepare(parent: parent) else { return JobProcess.interrupted }
        guard Files.exists(directory.path) else {
            complain("There is no job folder \(directory.path).")
            return JobProcess.noFolder
        }
        do {
            if directory.isFinal { return 0 }
            if directory.isCancelled { throw JobInterruption.cancelled }
            let job = try directory.readDescription()
            let context = try JobContext(
                directory: directory, job: job, fingerprint: try fingerprint(), now: now)
            return try finish(context: context) { try carryOut(job, context) }
        } catch {
            return conclude(error, context: nil)
        }
    }

    private func finish(context: JobContext, _ work: () throws -> Void) throws -> Int32 {
        do {
            try work()
            return 0
        } catch {
            return conclude(error, context: context)
        }
    }

    private func carryOut(_ job: JobDescription, _ context: JobContext) throws {
        let workspace = try prepareMemory(job, context)
        try directory.prepareProgress()
        try context.report(phase: "load", step: 0, of: 1, always: true)
        let base = try JobBase(directory: directory, job: job, workspace: workspace)
        try context.check()
        switch job.kind {
        case .impact:
            guard let request = job.impact else { return }
            try ImpactJob(context: context, base: base, request: request).run()
        case .train:
            guard let request = job.train else { return }
            try TrainJob(context: context, base: base, request: request).run()
        case .evaluate:
            guard let request = job.evaluate else { return }
            try EvaluateJob(context: context, base: base, request: request).run()
        }
    }

    /// Makes the threads and sets the ceiling of memory.
    ///
    /// OpenBLAS takes a large buffer for each thread at its first small and at its first larger product, keeps it, and
    /// where it cannot have it tries for ever. So two products are computed before the ceiling stands, and a ceiling
    /// under which the other threads could not do the same is refused.
    private func prepareMemory(_ job: JobDescription, _ context: JobContext) throws -> Workspace {
        let workspace = Workspace(threads: job.limits.threads)
        for size in [64, 512] {
            let square = Matrix(rows: size, columns: size)
            workspace.pool.multiply(square, square, into: Matrix(rows: size, columns: size))
        }
        try context.refuseIfOver(
            cpuSeconds: 0, memoryBytes: JobProcess.dataBytes + (job.limits.threads - 1) * Self.productBytes)
        JobProcess.limitMemory(bytes: job.limits.memoryBytes)
        return workspace
    }

    /// What OpenBLAS takes for a thread.
    private static let productBytes = 129 << 20

    /// Of everything that the outcome depends on, the base excepted, which has its own digest.
    private func fingerprint() throws -> UInt64 {
        var parts = [try Files.read(directory.file(JobFolder.description))]
        for set in ExampleSet.allCases {
            let path = directory.file(set.path)
            parts.append(Files.exists(path) ? try Files.read(path) : [])
        }
        return Fingerprint.of(parts)
    }

    // MARK: Ends

    private func conclude(_ error: any Error, context: JobContext?) -> Int32 {
        switch error {
        case JobInterruption.terminated:
            return JobProcess.interrupted
        case JobInterruption.cancelled:
            return publish(.cancelled, "The job was cancelled.", context)
        case JobInterruption.outOfTime:
            let limit = context.map { JobEstimates.duration($0.job.limits.cpuSeconds) } ?? ""
            return publish(.failed, "The job has used its \(limit) of CPU time before it was done.", context)
        case let refusal as JobRefusal:
            return publish(.refused, refusal.reason, context)
        case let error as FileError:
            complain("\(error)")
            // A file that is not there will not be there the next time either; anything else may pass.
            return error.code == ENOENT ? publish(.failed, "\(error)", context) : JobProcess.systemError
        default:
            return publish(.failed, "\(error)", context)
        }
    }

    private func publish(_ status: JobResult.Status, _ reason: String, _ context: JobContext?) -> Int32 {
        if status == .failed { complain(reason) }
        do {
            try directory.publish { _ in
                context?.result(status, reason: reason)
                    ?? JobResult(
                        status: status, reason: reason, cpuSeconds: JobProcess.cpuSeconds,
                        peakMemoryBytes: JobProcess.peakMemoryBytes)
            }
            return 0
        } catch {
            complain("\(error)")
            return JobProcess.systemError
        }
    }

    private func complain(_ sentence: String) {
        let line = Array("retuned-engine job: \(sentence)\n".utf8)
        _ = unsafe line.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
