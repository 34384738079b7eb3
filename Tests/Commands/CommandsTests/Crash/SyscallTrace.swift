import Foundation

/// What a process asked of the kernel, in order, as `strace -f -y` writes it, and what the order has to be.
struct SyscallTrace {
    enum Call: Equatable {
        /// A request came in (the text names its first line).
        case request(String)
        /// A piece of an answer goes out.
        case answer(String)
        case write(String)
        /// A sync that has returned.
        case synced(String)
        case rename(from: String, to: String)
        case madeFolder(String)
    }

    private(set) var calls: [Call] = []
    /// The first process of the trace.
    private(set) var process: Int32?

    init(text: String) {
        let text = text.replacing("//", with: "/")
        var open: [Substring: String] = [:]
        for line in text.split(separator: "\n") {
            guard let space = line.firstIndex(of: " ") else { continue }
            let thread = line[..<space]
            process = process ?? Int32(thread)
            var rest = String(line[space...].drop { $0 == " " })
            if rest.hasSuffix("<unfinished ...>") {
                rest.removeLast("<unfinished ...>".count)
                // A write counts from its beginning, everything else from its end.
                if Self.isWrite(rest) { add(rest) } else { open[thread] = rest }
                continue
            }
            if rest.hasPrefix("<... "), let end = rest.range(of: "resumed>") {
                guard let begun = open.removeValue(forKey: thread) else { continue }
                rest = begun + rest[end.upperBound...]
            }
            add(rest)
        }
    }

    private static func isWrite(_ line: String) -> Bool {
        ["write(", "writev(", "pwrite64(", "pwritev(", "sendto(", "sendmsg("].contains { line.hasPrefix($0) }
    }

    private mutating func add(_ line: String) {
        if line.contains(" = -1 E") { return }
        let file = Self.between(line, "<", ">") ?? ""
        if Self.isWrite(line) {
            calls.append(file.hasPrefix("/") ? .write(file) : .answer(line))
        } else if line.hasPrefix("read") || line.hasPrefix("recv") {
            if let text = Self.between(line, "\"", "\""), !file.hasPrefix("/") { calls.append(.request(text)) }
        } else if line.hasPrefix("fsync(") || line.hasPrefix("fdatasync(") {
            calls.append(.synced(file))
        } else if line.hasPrefix("rename") {
            let names = line.split(separator: "\"", omittingEmptySubsequences: false)
            if names.count >= 4 { calls.append(.rename(from: String(names[1]), to: String(names[3]))) }
        } else if line.hasPrefix("mkdir"), let name = Self.between(line, "\"", "\"") {
            calls.append(.madeFolder(name))
        }
    }

    private static func between(_ line: String, _ start: Character, _ end: Character) -> String? {
        guard let first = line.firstIndex(of: start), let last = line[line.index(after: first)...].firstIndex(of: end)
        else { return nil }
        return String(line[line.index(after: first)..<last])
    }

    /// Renames of files whose bytes were not synced since they were written, and names that are not synced afterwards.
    ///
    /// - Parameter folder: what lies outside is of no concern.
    func renameProblems(in folder: String) -> [String] {
        var (dirty, unnamed): (Set<String>, [String: String]) = ([], [:])
        var problems: [String] = []
        for call in calls {
            switch call {
            case .write(let path): dirty.insert(path)
            case .synced(let path):
                dirty.remove(path)
                unnamed[path] = nil
            case .madeFolder(let path):
                if path.hasPrefix(folder) { unnamed[Self.parent(of: path)] = path }
            case .rename(let from, let to):
                guard to.hasPrefix(folder) else { continue }
                let moved = dirty.filter { $0 == from || $0.hasPrefix(from + "/") }
                problems += moved.map { "\(to) got its name before the bytes of \($0) were synced" }
                for path in moved {
                    dirty.remove(path)
                    dirty.insert(to + path.dropFirst(from.count))
                }
                unnamed[Self.parent(of: to)] = to
            case .request, .answer: break
            }
        }
        return problems.sorted()
            + unnamed.map { "the folder \($0.key) was not synced after \($0.value) had got its name" }.sorted()
    }

    private static func parent(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    /// Answers that accept records, and those of them before which no row was written to the log and synced.
    ///
    /// - Parameter log: the write-ahead log's file.
    func answersBeforeCommit(log: String) -> (accepting: Int, early: Int) {
        var (isWritten, isSynced) = (false, false)
        var (accepting, early) = (0, 0)
        for call in calls {
            switch call {
            case .request(let text):
                if text.hasPrefix("POST /v1/interactions") { (isWritten, isSynced) = (false, false) }
            case .write(let path): if path == log { isWritten = true }
            case .synced(let path): if path == log, isWritten { isSynced = true }
            case .answer(let text):
                guard text.contains(#"\"accepted\":"#) else { continue }
                accepting += 1
                if !isSynced { early += 1 }
            case .rename, .madeFolder: break
            }
        }
        return (accepting, early)
    }
}
