import ChildProcesses
import Contracts
import DurableFiles
import Locking
package import Logging

/// Carries jobs out on this machine: `retuned-engine job DIR`, one process a job.
///
/// A process that ends without a result is started again and resumes from its checkpoint. Three runs in a row without a
/// new checkpoint, thirty in all, or a run that was killed at its memory ceiling, end the job for good. A job's process dies with the
/// daemon; after a restart the folder is simply started again.
package final class LocalJobRunner: JobRunner {
    private struct Running: Sendable {
        var process: ChildProcess?
        var runs = 0
        var runsWithoutCheckpoint = 0
        var checkpoint: String?
        var lost: String?
        var isStopping = false
        var lastLines: [String] = []
    }

    private let engine: String
    private let logger: Logger
    private let jobs = Locked<[String: Running]>([:])
    /// Told when a job's process has ended.
    private let onEnd: @Sendable () -> Void

    private static let mostRunsWithoutCheckpoint = 3
    private static let mostRuns = 30

    /// - Parameter engine: path of `retuned-engine`.
    package init(engine: String, logger: Logger, onEnd: @escaping @Sendable () -> Void) {
        self.engine = engine
        self.logger = logger
        self.onEnd = onEnd
    }

    package func start(_ job: String, folder: String) async {
        let mayStart = jobs.withLock { jobs in
            if let running = jobs[job], running.process != nil || running.lost != nil || running.isStopping {
                return false
            }
            jobs[job, default: Running()].isStopping = false
            jobs[job]?.checkpoint = Self.checkpointMark(folder)
            return true
        }
        guard mayStart else { return }
        let command = ChildCommand(
            executable: engine, arguments: ["job", folder, "--parent", "\(ChildProcess.ownIdentifier)"], niceValue: 10)
        do {
            let process = try await ChildProcess.start(command) { [jobs] line in
                jobs.withLock { jobs in
                    jobs[job]?.lastLines.append(line.text)
                    if let count = jobs[job]?.lastLines.count, count > 5 { jobs[job]?.lastLines.removeFirst() }
                }
            }
            jobs.withLock { $0[job]?.process = process }
            Task { await watch(process, job: job, folder: folder) }
        } catch {
            jobs.withLock { $0[job]?.lost = "the engine cannot be started: \(error)" }
        }
    }

    package func status(of job: String, folder: String) async -> JobStatus {
        do {
            if let result = try JobFolderReader.result(in: folder) { return .ended(result) }
        } catch {
            return .lost(reason: "its result cannot be read: \(error)")
        }
        let (lost, isRunning) = jobs.withLock { ($0[job]?.lost, $0[job]?.process != nil) }
        if let lost { return .lost(reason: lost) }
        return isRunning ? .running(JobFolderReader.progress(in: folder)) : .waiting
    }

    package func cancel(_ job: String, folder: String) async {
        if DurableFiles.exists(folder) { try? DurableFiles.write([], to: "\(folder)/\(JobFolder.cancel)") }
        let process = jobs.withLock { jobs in
            jobs[job]?.isStopping = true
            return jobs[job]?.process
        }
        if let process { await process.terminate(grace: .milliseconds(800)) }
        jobs.withLock { $0[job] = nil }
    }

    /// Lets every job write its checkpoint and leave: the daemon is going down.
    package func stopAll(grace: Duration) async {
        let processes = jobs.withLock { jobs in
            for job in jobs.keys { jobs[job]?.isStopping = true }
            return jobs.values.compactMap(\.process)
        }
        await withDiscardingTaskGroup { group in
            for process in processes {
                group.addTask { await process.terminate(grace: grace) }
            }
        }
    }

    /// Process identifiers of the running jobs.
    package var processIdentifiers: [Int32] {
        jobs.withLock { $0.values.compactMap { $0.process?.processIdentifier } }
    }

    private func watch(_ process: ChildProcess, job: String, folder: String) async {
        let exit = await process.wait()
        let mark = Self.checkpointMark(folder)
        let message = jobs.withLock { jobs -> String? in
            // A job that was discarded and begun again has another process.
            guard var running = jobs[job], running.process === process else { return nil }
            running.process = nil
            running.runs += 1
            running.runsWithoutCheckpoint = running.checkpoint == mark ? running.runsWithoutCheckpoint + 1 : 0
            let words = ([exit.map { "\($0)" } ?? "ended for an unknown reason"] + running.lastLines.suffix(2))
                .joined(separator: "; ")
            if !running.isStopping, !DurableFiles.exists("\(folder)/\(JobFolder.resultDescription)") {
                if exit == .signalled(6) {
                    running.lost =
                        "the job ran out of its memory budget; raise training.memoryBytes or lower batchTokens"
                } else if running.runsWithoutCheckpoint >= Self.mostRunsWithoutCheckpoint {
                    running.lost =
                        "the job is stuck: \(Self.mostRunsWithoutCheckpoint) runs ended without a new checkpoint (\(words))"
                } else if running.runs >= Self.mostRuns {
                    running.lost = "the job is stuck: \(Self.mostRuns) runs ended without a result (\(words))"
                }
            }
            jobs[job] = running
            return running.lost
                ?? (exit?.isSuccess == true ? nil : "job \(job): \(words)")
        }
        if let message { logger.warning("\(message)") }
        onEnd()
    }

    /// Something that changes with every checkpoint.
    private static func checkpointMark(_ folder: String) -> String? {
        // The file and not its folder, whose time a checkpoint that was never finished changes as well.
        FileMark.of("\(folder)/\(JobFolder.checkpoint)/state")
    }
}
