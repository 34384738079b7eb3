import Glibc
import Locking

/// The lock that lets one daemon at a time have a folder. The kernel lets go of it when the process ends, however it ends.
final class FolderLock: Sendable {
    private let descriptor: Locked<Int32>

    init(folder: String) throws(StoreError) {
        let path = folder + "/lock"
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if opened < 0 {
            throw errno == ENOSPC ? .full : .cannotOpen(path: path, reason: "the lock cannot be made (errno \(errno))")
        }
        if flock(opened, LOCK_EX | LOCK_NB) != 0 {
            let reason = errno
            _ = close(opened)
            throw reason == EWOULDBLOCK
                ? .locked(path: folder) : .cannotOpen(path: path, reason: "the lock cannot be taken (errno \(reason))")
        }
        descriptor = Locked(opened)
    }

    deinit { release() }

    func release() {
        descriptor.withLock { held in
            if held >= 0 {
                // A child between fork and exec still has a copy of the descriptor, which would hold the lock a moment longer.
                _ = flock(held, LOCK_UN)
                _ = close(held)
            }
            held = -1
        }
    }
}
