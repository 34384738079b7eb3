/// A line that a child wrote, without its line break.
package struct ChildLine: Hashable, Sendable {
    /// Which of the child's two outputs the line came from.
    package enum Stream: Hashable, Sendable {
        case standardOutput
        case standardError
    }

    package var stream: Stream
    /// Invalid UTF-8 is replaced.
    package var text: String

    package init(stream: Stream, text: String) {
        self.stream = stream
        self.text = text
    }
}
