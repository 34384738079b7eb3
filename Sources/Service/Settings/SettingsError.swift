/// What is wrong with a configuration, where, and what to do.
package struct SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Path of the key, for example `deployments[0].gate.margin`; empty for the file as a whole.
    package var path: String
    package var reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    package var description: String {
        path.isEmpty ? "configuration: \(reason)" : "configuration, \(path): \(reason)"
    }
}
