/// Why a checkpoint or adapter cannot be used, in a sentence that names the file and the place in it.
package struct CheckpointError: Error, CustomStringConvertible, Sendable, Equatable {
    package var file: String
    /// The tensor or key, where there is one.
    package var subject: String?
    package var reason: String

    package init(file: String, subject: String? = nil, reason: String) {
        self.file = file
        self.subject = subject
        self.reason = reason
    }

    package var description: String {
        subject.map { "\(file): \($0): \(reason)" } ?? "\(file): \(reason)"
    }
}
