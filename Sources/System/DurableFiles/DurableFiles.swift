import CLinux
import FoundationEssentials
import Glibc

/// Files that are complete or not there: written to a temporary name, synced, renamed, and the folder synced.
///
/// A row of the store may name a file only after the call that made it has returned.
package enum DurableFiles {
    /// Writes a file with mode 0600, replacing an older one in one step.
    package static func write(_ bytes: [UInt8], to path: String) throws(FileFault) {
        let temporary = path + ".tmp"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileFault("cannot create", temporary, errno) }
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress! + offset, bytes.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let fault = FileFault("cannot write", temporary, errno)
                close(descriptor)
                unsafe unlink(temporary)
                throw fault
            }
            offset += count
        }
        guard fsync(descriptor) == 0 else {
            let fault = FileFault("cannot sync", temporary, errno)
            close(descriptor)
            throw fault
        }
        close(descriptor)
        try rename(temporary, to: path)
    }

    /// Renames a file or folder over an older file of that name, and syncs the folder that holds it.
    package static func rename(_ from: String, to: String) throws(FileFault) {
        let code = unsafe linux_rename_durably(from, to)
        guard code == 0 else { throw FileFault("cannot rename to", to, code) }
    }

    /// Syncs a file or folder.
    package static func synchronise(_ path: String) throws(FileFault) {
        let code = unsafe linux_synchronise(path)
        guard code == 0 else { throw FileFault("cannot sync", path, code) }
    }

    package static func read(_ path: String) throws(FileFault) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw FileFault("cannot read", path, exists(path) ? EIO : ENOENT)
        }
    }

    package static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    /// Makes a folder and its parents with mode 0700, and syncs the folders that hold those that were not there.
    package static func makeFolder(_ path: String) throws(FileFault) {
        var holders: [String] = []
        var folder = path
        while !folder.isEmpty, folder != "/", !exists(folder) {
            folder = holder(of: folder)
            holders.append(folder)
        }
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw FileFault("cannot create the folder", path, errno)
        }
        for holder in holders.reversed() { try synchronise(holder.isEmpty ? "." : holder) }
    }

    /// The folder that holds a path: "" for the working directory.
    private static func holder(of path: String) -> String {
        let name = path.reversed().drop { $0 == "/" }
        let holder = name.drop { $0 != "/" }
        let trimmed = holder.drop { $0 == "/" }
        return trimmed.isEmpty ? (holder.isEmpty ? "" : "/") : String(trimmed.reversed())
    }

    package static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Names of the entries of a folder, sorted; empty where there is none.
    package static func entries(of folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    /// Copies the plain files of a folder (not deeper) to `target`, which appears by one rename and must not exist.
    package static func copyFolder(_ source: String, to target: String) throws(FileFault) {
        let temporary = target + ".tmp"
        remove(temporary)
        try makeFolder(temporary)
        for name in entries(of: source) {
            try write(try read("\(source)/\(name)"), to: "\(temporary)/\(name)")
        }
        try synchronise(temporary)
        try rename(temporary, to: target)
    }
}

/// What the system said about a file, as a sentence.
package struct FileFault: Error, Equatable, Sendable, CustomStringConvertible {
    package var path: String
    package var code: Int32
    private var what: String

    init(_ what: String, _ path: String, _ code: Int32) {
        self.what = what
        self.path = path
        self.code = code
    }

    package var description: String { "\(what) \(path): \(unsafe String(cString: strerror(code)))" }

    /// Whether the disk is full.
    package var isFull: Bool { code == ENOSPC || code == EDQUOT }
}
