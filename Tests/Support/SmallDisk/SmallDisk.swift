import Foundation
import Glibc

/// A file system of a few megabytes in memory; only root may mount one.
package final class SmallDisk: Sendable {
    package let path: String

    package init?(megabytes: Int) {
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

    /// Takes every byte that is left, by a file; `empty` gives them back.
    package func fill() throws {
        _ = FileManager.default.createFile(atPath: path + "/filler", contents: nil)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path + "/filler"))
        while (try? handle.write(contentsOf: Data(repeating: 1, count: 4096))) != nil {}
        try handle.close()
    }

    package func empty() throws {
        try FileManager.default.removeItem(atPath: path + "/filler")
    }

    deinit {
        _ = unsafe umount2(path, Int32(MNT_DETACH))
        _ = unsafe rmdir(path)
    }

    package static let isPermitted = SmallDisk(megabytes: 1) != nil
}
