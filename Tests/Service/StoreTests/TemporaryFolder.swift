import Foundation

/// A folder that goes with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("retuned-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// All bytes of the files in `folder` whose names start with `prefix`.
    func bytes(in folder: String, prefix: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        let place = path + "/" + folder
        for name in try FileManager.default.contentsOfDirectory(atPath: place) where name.hasPrefix(prefix) {
            contents[name] = try Data(contentsOf: URL(fileURLWithPath: place + "/" + name))
        }
        return contents
    }

    func permissions(_ name: String = "") throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: name.isEmpty ? path : path + "/" + name)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }
}
