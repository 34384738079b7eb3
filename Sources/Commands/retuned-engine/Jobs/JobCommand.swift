import ArgumentParser
import Glibc
import Values

/// `retuned-engine job DIR`
struct JobCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job",
        abstract: "Carry out a job folder: measure impact, train an adapter, or evaluate adapters.",
        discussion: """
            Reads DIR/job.json and DIR/data, and makes DIR/result appear when the job is final. Killed at any moment, \
            the same command takes the job up from its last checkpoint. docs/job-folder.md describes the folder.

            Exit status: 0 the result is final (done, refused, failed or cancelled: result.json says which); \
            66 there is no such folder; 74 the system failed (a full disk, say): run it again; 75 ended by SIGTERM after \
            a checkpoint, or the process of --parent had ended: run it again.
            """)

    @Argument(help: "The job folder.", completion: .directory)
    var folder: String

    @Option(help: ArgumentHelp("End when this process ends, which started this one.", valueName: "process"))
    var parent: Int32?

    func run() throws {
        let status = JobRunner(directory: JobDirectory(folder), parent: parent, now: WallClock.now).run()
        if status != 0 { throw ExitCode(status) }
    }
}

/// The time of day, read in this composition root only.
enum WallClock {
    static func now() -> Timestamp {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_REALTIME, &time) == 0 else { return Timestamp(milliseconds: 0) }
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
