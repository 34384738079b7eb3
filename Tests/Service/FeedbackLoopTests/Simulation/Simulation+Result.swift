import Contracts
import FeedbackLoop
import Values

extension Simulation {
    /// What an operator does, or a disk, beside what a scenario plays.
    enum Disturbance {
        case observedLater
        /// Another base checkpoint stands where the first one was.
        case otherBaseInTraining, otherBaseAtTheEnd
        case otherScale
        case damagedExperiment
        /// Most users are new every day and count, and in the first experiment a crowd comes to vote the candidate down.
        case crowd
        /// Three of four steps find the server still being asked, also while it begins anew.
        case slowServer
    }

    struct Result: Sendable {
        /// From → to, who and why, of every transition.
        var transitions: [String] = []
        /// The states that the loop went through, without times and reasons.
        var path: [String] = []
        var events: [String: Int] = [:]
        var ends: [CycleEnd.Outcome] = []
        var probes: [Cycle.Probe.Branch] = []
        var state: LoopState
        var jobs: [JobDescription.Kind] = []
        /// Mean skill of what serves at the end, on the traffic of the last day.
        var servedSkill = 0.0
        var kills = 0
        /// Kills while the server was being asked.
        var killsInRounds = 0
        /// Looks of experiments with, and without, the difficulty of first queries.
        var looksWithDifficulty = 0
        var looksWithoutDifficulty = 0
        /// Looks taken, all of them the same as worked out anew.
        var looks = 0
        /// Of the first experiment, by look: newcomers in bursts, ratings that wait, and that are set aside.
        var bursts: [(newcomers: Int, waiting: Int, aside: Int)] = []
        /// Assignments that erasures took out of experiments.
        var erasedUnits = 0
        /// Jobs in whose data somebody was erased while they ran.
        var erasedInJobs = 0
        /// Times that the loop was paused.
        var pauses = 0
        /// Rows that adapters descend from.
        var lineage = 0
        /// Parts of the dossiers, a cycle each.
        var dossiers: [[String: JSONValue]] = []
        /// What everybody gets, and what is said, when another base stands where the adapters' was.
        var onOtherBase: (served: String?, trouble: String?)?
        /// The bases that adapters are recorded with.
        var bases: Set<String> = []
        /// Why the adapter of the earlier base was not taken back, or a damaged experiment not opened.
        var refusal: String?
        var drift = DriftView()
        /// What must never be seen.
        var faults: [String] = []
    }
}
