package import Contracts
package import Values

/// What people are shown of a loop, as it stood after the last step.
package struct LoopView: Equatable, Sendable {
    package var state: LoopState
    package var stateName = "watching"
    /// What happens next, or why nothing does.
    package var next = ""
    /// Progress of the job under way.
    package var progress: JobProgress?
    package var drift = DriftView()
    /// The newest look of the comparison under way.
    package var look: JSONValue?
    /// The experiment that the look is of.
    package var lookExperiment: String?
    /// How far the difficulty of first queries is known in the experiment under way; nil: nobody is asked.
    package var difficulty: Difficulty?
    /// What a shadow replay waits for.
    package var shadowNext: String?
    /// Trouble with the serving back end, the trainer or the data; nil: none.
    package var servingTrouble: String?
    /// What is known of the serving back end where there is no trouble.
    package var servingNote = "the serving back end has not been asked yet"
    package var trainerTrouble: String?

    package init(state: LoopState) {
        self.state = state
    }

    /// Rated units whose first query the incumbent was asked, and that wait for it.
    package struct Difficulty: Equatable, Sendable {
        package var experiment: String
        package var asked: Int
        package var waiting: Int
        /// Why the last one was not answered; nil: it was.
        package var trouble: String?
    }
}

/// The watch as people see it.
package struct DriftView: Codable, Equatable, Sendable {
    /// `learning` (the reference fills), `watching` or `drifted`.
    package var phase = "learning"
    package var referenceQueries = 0
    package var queriesNeeded = 0
    /// Evidence against "nothing changed", and what raises the alarm, as natural logarithms.
    package var evidence: Double?
    package var threshold: Double?
    /// Chance that a recent query looks newer than a reference one; 0.5: no difference.
    package var effect: Double?
    /// The episode that goes on, and those that have ended, the newest first.
    package var episode: DriftEpisode?
    package var earlier: [DriftEpisode] = []

    package init() {}
}
