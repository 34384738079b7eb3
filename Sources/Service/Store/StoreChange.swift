/// What a commit may have changed, for those who wait for it.
package enum StoreChange: Hashable, Sendable {
    /// Interactions or ratings were appended.
    case log
    /// Events or deliveries were written.
    case outbox
}
