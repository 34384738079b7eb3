import ArgumentParser

/// What is played.
enum Scenario: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// The traffic stays as it is.
    case steady
    /// Traffic moves to new domains.
    case shift
    /// The same, and a share of the users labels wrongly before the experiment.
    case harm
    /// After the promotion traffic moves a second time.
    case again
}

/// How it ended.
enum Ending: String, Sendable {
    case nothing, promoted, undecided, rejected, stopped, tooFewData, invalid
}

extension Scenario {
    /// Which endings are right.
    ///
    /// - Parameter isEasy: the shift is the default one, where a gain can be decided.
    func expected(isEasy: Bool, isLackingCorrections: Bool) -> [Ending] {
        if isLackingCorrections, self == .shift { return [.tooFewData] }
        switch self {
        case .steady: return [.nothing]
        case .shift: return isEasy ? [.promoted] : [.promoted, .undecided, .rejected, .tooFewData]
        case .harm: return [.rejected, .stopped, .undecided]
        case .again: return [.promoted, .undecided]
        }
    }
}
