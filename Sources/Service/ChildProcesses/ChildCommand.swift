/// What to start.
package struct ChildCommand: Sendable {
    /// What the child finds in its environment.
    package enum Environment: Sendable {
        /// The parent's, with these over it.
        case inherited(adding: [String: String] = [:])
        case only([String: String])
    }

    /// Path of the executable.
    package var executable: String
    package var arguments: [String]
    package var environment: Environment
    /// nil: the parent's.
    package var workingDirectory: String?
    /// Given to every process of the group after the start; nil: the parent's.
    package var niceValue: Int32?

    package init(
        executable: String, arguments: [String] = [], environment: Environment = .inherited(),
        workingDirectory: String? = nil, niceValue: Int32? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.niceValue = niceValue
    }
}
