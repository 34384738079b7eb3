import Glibc

/// Files and folders that only the daemon's user may read.
enum PrivateFiles {
    /// Makes `path` and its parents where absent, and takes every right from group and others.
    static func makeFolder(_ path: String) throws(StoreError) {
        var prefix = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: true) {
            prefix += (prefix.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
            if unsafe mkdir(prefix, 0o700) != 0, errno != EEXIST {
                throw error("the folder \(prefix) cannot be made", path)
            }
        }
        if unsafe chmod(path, 0o700) != 0 { throw error("its folder cannot be made private", path) }
    }

    /// Makes an empty file (0600) where there is none; SQLite gives the same mode to the files beside it.
    static func makeFile(_ path: String) throws(StoreError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor < 0 { throw error("the file cannot be made", path) }
        defer { _ = Glibc.close(descriptor) }
        if fchmod(descriptor, 0o600) != 0 || fsync(descriptor) != 0 {
            throw error("the file cannot be made private", path)
        }
    }

    /// Size in bytes; 0 where there is no such file.
    static func size(_ path: String) -> Int64 {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    private static func error(_ what: String, _ path: String) -> StoreError {
        errno == ENOSPC ? .full : .cannotOpen(path: path, reason: "\(what) (errno \(errno))")
    }
}
