/// Whether the arms have as many units, and as many raters, as they should.
package struct SampleRatioView: Codable, Equatable, Sendable {
    package var assignments: SampleRatioCheck
    package var raters: SampleRatioCheck

    package init(assignments: SampleRatioCheck, raters: SampleRatioCheck) {
        self.assignments = assignments
        self.raters = raters
    }
}
