package import Values

/// Hours in which more newcomers came to rate than is usual at that time of the day, who are set aside.
package struct BurstView: Codable, Equatable, Sendable {
    package var from: Timestamp
    package var until: Timestamp
    /// How many came, enrolled or not.
    package var newcomers: Int

    package init(from: Timestamp, until: Timestamp, newcomers: Int) {
        self.from = from
        self.until = until
        self.newcomers = newcomers
    }
}
