import Foundation

/// The processes of this machine, from /proc.
enum ProcessTable {
    /// Children of a process, with their arguments; what has ended and only waits to be reaped is left out.
    static func children(of parent: Int32) -> [(process: Int32, arguments: [String])] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { entry in
            guard let process = Int32(entry), let state = state(of: process), state.parent == parent,
                state.letter != "Z"
            else { return nil }
            let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
            return (process, line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
        }
    }

    /// Whether a process runs.
    static func isRunning(_ process: Int32) -> Bool {
        state(of: process).map { $0.letter != "Z" && $0.letter != "X" } ?? false
    }

    private static func state(of process: Int32) -> (letter: String, parent: Int32)? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat"),
            // The name in brackets may hold anything, so the fields are counted from the last bracket.
            let bracket = data.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = data[(bracket + 1)...].split(separator: UInt8(ascii: " ")).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard fields.count > 2, let parent = Int32(fields[1]) else { return nil }
        return (fields[0], parent)
    }
}
