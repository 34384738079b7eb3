package import API

/// A line of an experiment's dossier (`retunectl ab export`): the first is the experiment, the others are what its looks
/// were made from. One of the members is there.
package struct DossierLine: Codable, Equatable, Sendable {
    /// Of the first line: which form this is.
    package var format: String?
    package var experiment: ExperimentView?
    package var assignment: AssignmentRow?
    package var newcomer: NewcomerRow?
    package var difficulty: DifficultyRow?
    package var rating: ExperimentRatingRow?
    package var request: ExperimentRequestRow?

    package init(
        format: String? = nil, experiment: ExperimentView? = nil, assignment: AssignmentRow? = nil,
        newcomer: NewcomerRow? = nil, difficulty: DifficultyRow? = nil, rating: ExperimentRatingRow? = nil,
        request: ExperimentRequestRow? = nil
    ) {
        self.format = format
        self.experiment = experiment
        self.assignment = assignment
        self.newcomer = newcomer
        self.difficulty = difficulty
        self.rating = rating
        self.request = request
    }

    package static let currentFormat = "retuned-experiment-1"
}
