import CLinux
import Glibc

/// The few ways in which a job touches the disk. What must survive a power cut is written to another name, synced,
/// renamed, and the folder synced.
enum Files {
    static func read(_ path: String) throws(FileError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(action: "open", path: path, code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(action: "read", path: path, code: errno)
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[0..<count])
        }
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Writes a file and syncs it; its name is durable only once its folder is synced.
    static func writeSynced(_ bytes: [UInt8], to path: String) throws(FileError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(action: "create", path: path, code: errno) }
        defer { close(descriptor) }
        try write(bytes, to: descriptor, path: path)
        guard fsync(descriptor) == 0 else { throw FileError(action: "sync", path: path, code: errno) }
    }

    /// Replaces a file by one rename: whoever looks sees the old bytes or the new.
    static func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
        let temporary = path + ".tmp"
        try writeSynced(bytes, to: temporary)
        try rename(temporary, to: path)
    }

    static func rename(_ from: String, to path: String) throws(FileError) {
        let code = unsafe linux_rename_durably(from, path)
        guard code == 0 else { throw FileError(action: "rename to", path: path, code: code) }
    }

    static func synchronise(_ path: String) throws(FileError) {
        let code = unsafe linux_synchronise(path)
        guard code == 0 else { throw FileError(action: "sync", path: path, code: code) }
    }

    /// Syncs everything in a folder and the folder itself.
    static func synchroniseAll(in path: String) throws(FileError) {
        for name in try names(in: path) {
            let inner = path + "/" + name
            if try isFolder(inner) { try synchroniseAll(in: inner) } else { try synchronise(inner) }
        }
        try synchronise(path)
    }

    static func isFolder(_ path: String) throws(FileError) -> Bool {
        var information = stat()
        guard unsafe lstat(path, &information) == 0 else { throw FileError(action: "look at", path: path, code: errno) }
        return information.st_mode & S_IFMT == S_IFDIR
    }

    static func size(_ path: String) -> Int {
        var information = stat()
        return unsafe stat(path, &information) == 0 ? Int(information.st_size) : 0
    }

    static func makeFolder(_ path: String) throws(FileError) {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw FileError(action: "create folder", path: path, code: errno)
        }
    }

    /// Removes a folder and what it holds; one that is not there is fine.
    static func removeFolder(_ path: String) throws(FileError) {
        for name in try names(in: path) {
            let inner = path + "/" + name
            if try isFolder(inner) {
                try removeFolder(inner)
            } else if unsafe unlink(inner) != 0 {
                throw FileError(action: "remove", path: inner, code: errno)
            }
        }
        guard unsafe rmdir(path) == 0 || errno == ENOENT else {
            throw FileError(action: "remove", path: path, code: errno)
        }
    }

    /// Names in a folder in ascending order; none where there is no folder.
    static func names(in path: String) throws(FileError) -> [String] {
        guard let folder = unsafe opendir(path) else {
            if errno == ENOENT { return [] }
            throw FileError(action: "list", path: path, code: errno)
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Drops a line that a kill cut short at the end of a file of lines.
    static func dropUnfinishedLine(_ path: String) throws(FileError) {
        guard exists(path) else { return }
        let bytes = try read(path)
        guard let last = bytes.last, last != 10 else { return }
        let kept = (bytes.lastIndex(of: 10) ?? -1) + 1
        guard unsafe truncate(path, kept) == 0 else {
            throw FileError(action: "truncate", path: path, code: errno)
        }
    }

    static func append(_ bytes: [UInt8], to path: String) throws(FileError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(action: "open", path: path, code: errno) }
        defer { close(descriptor) }
        try write(bytes, to: descriptor, path: path)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress! + done, $0.count - done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(action: "write", path: path, code: errno)
            }
            done += count
        }
    }
}
