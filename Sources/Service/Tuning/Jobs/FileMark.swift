import Glibc

/// A text that changes when a file or folder is replaced: inode and time of change.
enum FileMark {
    static func of(_ path: String) -> String? {
        var information = stat()
        guard unsafe stat(path, &information) == 0 else { return nil }
        return "\(information.st_ino) \(information.st_mtim.tv_sec) \(information.st_mtim.tv_nsec)"
    }
}
