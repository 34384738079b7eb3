import Glibc

/// A file that only takes room. SQLite needs room to delete as well, so a full disk could not even be emptied; removing
/// this file first makes that possible.
struct Ballast: Sendable {
    var path: String
    var bytes: Int64

    /// Gives its room back; false where there was none.
    func release() -> Bool {
        guard bytes > 0 else { return false }
        return unsafe unlink(path) == 0
    }

    var isThere: Bool { bytes == 0 || PrivateFiles.size(path) >= bytes }

    /// Takes its room, unless it has it or the disk would be full after it; true where it is there now.
    func restore() -> Bool {
        if isThere { return true }
        var status = statvfs()
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        // A quarter more than it takes, so that room is left to work in.
        guard unsafe statvfs(folder, &status) == 0,
            Int64(status.f_bavail) * Int64(status.f_frsize) > bytes + bytes / 4
        else { return false }
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        defer { _ = close(descriptor) }
        if posix_fallocate(descriptor, 0, off_t(bytes)) != 0 {
            _ = unsafe unlink(path)
            return false
        }
        return true
    }
}
