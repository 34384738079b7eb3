import CLinux
import Glibc

/// A bound, listening socket, and the file to remove with it.
struct ListeningSocket: Sendable {
    let descriptor: Int32
    let isUnix: Bool
    /// The file of a Unix socket that we made, with its identity: another process may have put its own there since.
    let file: (path: String, device: UInt64, inode: UInt64)?

    func removeFile() {
        guard let file, let now = Self.identity(of: file.path), now == (file.device, file.inode) else { return }
        _ = unsafe unlink(file.path)
    }

    static func identity(of path: String) -> (device: UInt64, inode: UInt64)? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        return (UInt64(status.st_dev), UInt64(status.st_ino))
    }
}
