import Foundation
import Glibc

/// A file system of a few megabytes in memory; only root may mount one.
final class SmallDisk: Sendable {
    let path: String

    init?(megabytes: Int) {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("retuned-disk-\(UUID().uuidString)").path
        guard (try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)) != nil
        else { return nil }
        path = folder
        let options = "size=\(megabytes)m"
        let mounted = unsafe options.withCString { text in
            unsafe mount("tmpfs", folder, "tmpfs", 0, UnsafeRawPointer(text))
        }
        if mounted != 0 {
            _ = unsafe rmdir(folder)
            return nil
        }
    }

    deinit {
        _ = unsafe umount2(path, Int32(MNT_DETACH))
        _ = unsafe rmdir(path)
    }

    static let isPermitted = SmallDisk(megabytes: 1) != nil
}
