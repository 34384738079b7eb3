import CLinux
import Glibc

/// What a job's process does to itself in its first lines, and what it asks the kernel about itself later.
///
/// Priority and scheduling are per thread on Linux and inherited, so `prepare` must run before any thread starts. The
/// ceiling on memory makes an over-large allocation end this process alone (SIGABRT), never the daemon.
enum JobProcess {
    /// Status of a job that was told to leave (SIGTERM) and has written its checkpoint: run it again.
    static let interrupted: Int32 = 75
    /// Status after an error of the system (a full disk, say) that may pass: run it again.
    static let systemError: Int32 = 74
    /// Status when the folder cannot be used at all, so that no result can be written there.
    static let noFolder: Int32 = 66

    /// Lowers the priority, asks to die with the parent and first when memory runs out, makes new files private, and
    /// only notes SIGTERM, so that it is seen between two steps (`terminationRequested`).
    ///
    /// - Parameter parent: who started this process; without it whoever is its parent now.
    /// - Returns: false where that parent has ended already.
    static func prepare(parent: Int32?) -> Bool {
        _ = linux_lower_priority(10)
        let hasParent = linux_set_parent_death_signal(SIGKILL, parent ?? getppid()) == 0
        _ = linux_set_out_of_memory_score(800)
        _ = linux_forbid_core_dumps()
        umask(0o077)
        linux_note_termination()
        return hasParent || parent == nil
    }

    /// Sets the ceiling of the data segment.
    static func limitMemory(bytes: Int) {
        _ = linux_limit_data_bytes(UInt64(max(0, bytes)))
    }

    /// Whether SIGTERM or SIGINT has come since `prepare`.
    static var terminationRequested: Bool { linux_termination_noted() != 0 }

    /// CPU time of all threads of this process so far, in seconds.
    static var cpuSeconds: Double {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Seconds on a clock that only goes forward; for rates and intervals, not for times of day.
    static var monotonicSeconds: Double {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_MONOTONIC, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Bytes of memory (heap and private writable mappings) in use now: what the ceiling counts.
    static var dataBytes: Int { status("VmData") }

    /// Largest resident set of this process so far, in bytes.
    static var peakMemoryBytes: Int { status("VmHWM") }

    /// A figure of `/proc/self/status`, in bytes; 0 where the kernel does not say.
    private static func status(_ name: String) -> Int {
        guard let text = try? Files.read("/proc/self/status") else { return 0 }
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") where line.hasPrefix(name + ":") {
            let kibibytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap {
                Int($0)
            }
            return (kibibytes ?? 0) * 1024
        }
        return 0
    }
}
