/// What goes on when a kill comes.
enum CrashPhase: String, CaseIterable, Sendable {
    /// Records are posted as fast as four clients can.
    case ingest
    /// From the first step into `estimating` to the end of `gating`.
    case training
    /// While two arms are compared on live traffic.
    case experiment
    /// From the sending of the operator's word until people were told and the candidate answers everybody.
    case promotion
}

/// What is killed.
enum CrashTarget: String, CaseIterable, Sendable {
    case daemon, engine, job
}

/// What must never be seen.
package struct CrashFault: Equatable, Sendable {
    /// Which promise a fault breaks.
    package enum Kind: String, CaseIterable, Sendable {
        /// Something that was answered with 2xx is not there.
        case lost
        /// Something stands or counts twice.
        case twice
        /// A state that no legal history leads to.
        case impossible
    }

    package var kind: Kind
    package var text: String

    init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }
}
