/// Answer: the configuration file was read again.
package struct ReloadView: Codable, Equatable, Sendable {
    /// Times it was read and taken since the start.
    package var reloads: Int
    /// Paths of the keys that changed and are in force now.
    package var inForce: [String]
    /// Paths of the keys that differ from what is in force and wait for a restart.
    package var needRestart: [String]

    package init(reloads: Int, inForce: [String], needRestart: [String]) {
        self.reloads = reloads
        self.inForce = inForce
        self.needRestart = needRestart
    }
}
