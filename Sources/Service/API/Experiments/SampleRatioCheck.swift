/// A sequential test of a ratio (Lindon & Malek).
package struct SampleRatioCheck: Codable, Equatable, Sendable {
    package var incumbent: Int
    package var candidate: Int
    /// Valid however often it is looked at.
    package var pValue: Double
    package var ok: Bool

    package init(incumbent: Int, candidate: Int, pValue: Double, ok: Bool) {
        self.incumbent = incumbent
        self.candidate = candidate
        self.pValue = pValue
        self.ok = ok
    }
}
