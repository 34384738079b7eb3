/// Whether the arms have as many units, as many raters and as large a share of rated requests as they should.
package struct SampleRatioView: Codable, Equatable, Sendable {
    package var assignments: SampleRatioCheck
    package var raters: SampleRatioCheck
    package var requests: RatedShareCheck

    package init(assignments: SampleRatioCheck, raters: SampleRatioCheck, requests: RatedShareCheck) {
        self.assignments = assignments
        self.raters = raters
        self.requests = requests
    }
}
