/// A text after redaction.
package struct RedactedText: Equatable, Sendable {
    package var text: String
    /// Where the placeholders stand, in Unicode scalars of `text`, in order.
    package var ranges: [Range<Int>]
    package var counts: [RedactionKind: Int]

    package init(text: String, ranges: [Range<Int>] = [], counts: [RedactionKind: Int] = [:]) {
        self.text = text
        self.ranges = ranges
        self.counts = counts
    }
}
