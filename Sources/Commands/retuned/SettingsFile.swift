import DurableFiles
import Foundation
import Settings

/// The configuration file with the environment over it.
enum SettingsFile {
    static func read(_ path: String) throws -> Settings {
        let text = String(decoding: try DurableFiles.read(path), as: UTF8.self)
        return try Settings(yaml: text, environment: ProcessInfo.processInfo.environment)
    }
}
