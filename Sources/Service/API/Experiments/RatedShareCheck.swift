/// Whether as large a share of the requests is rated in both arms.
package struct RatedShareCheck: Codable, Equatable, Sendable {
    /// Shares of the requests, from 0 to 1; absent before two units an arm have asked.
    package var incumbent: Double?
    package var candidate: Double?
    package var ok: Bool

    package init(incumbent: Double? = nil, candidate: Double? = nil, ok: Bool) {
        self.incumbent = incumbent
        self.candidate = candidate
        self.ok = ok
    }
}
