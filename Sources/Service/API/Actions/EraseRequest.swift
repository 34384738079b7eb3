/// Whom to forget.
package struct EraseRequest: Codable, Equatable, Sendable {
    /// As applications name it, not the pseudonym.
    package var unit: String

    package init(unit: String) {
        self.unit = unit
    }
}
