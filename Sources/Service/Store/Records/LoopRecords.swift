package import Values

/// A value the store keeps for others without looking into it: bytes, and the version of the code's format of them.
package struct VersionedValue: Equatable, Sendable {
    package var version: Int
    package var bytes: [UInt8]

    package init(version: Int, bytes: [UInt8]) {
        self.version = version
        self.bytes = bytes
    }
}

/// The state of one deployment's loop. `revision` is 0 before the first commit and grows by one with each.
package struct LoopStateRecord: Equatable, Sendable {
    package var deployment: String
    package var revision: Int64
    package var value: VersionedValue

    package init(deployment: String, revision: Int64, value: VersionedValue) {
        self.deployment = deployment
        self.revision = revision
        self.value = value
    }
}

/// One turn of the loop (`c-13`).
package struct CycleRecord: Equatable, Sendable {
    package var id: String
    package var deployment: String
    /// A state's name as the API says it (`experimenting`).
    package var state: String
    package var trigger: String
    package var started: Timestamp
    package var ended: Timestamp?
    /// How it ended, in the words the API uses; nil while it runs.
    package var outcome: String?
    package var reason: String?
    /// Everything else the loop keeps about it: a JSON object.
    package var details: JSONValue

    package init(
        id: String, deployment: String, state: String, trigger: String, started: Timestamp, ended: Timestamp? = nil,
        outcome: String? = nil, reason: String? = nil, details: JSONValue = .object(JSONObject())
    ) {
        self.id = id
        self.deployment = deployment
        self.state = state
        self.trigger = trigger
        self.started = started
        self.ended = ended
        self.outcome = outcome
        self.reason = reason
        self.details = details
    }
}

/// One step of a loop, kept for ever: from which state to which, when, by whom and why.
package struct TransitionRecord: Equatable, Sendable {
    package var deployment: String
    package var cycle: String?
    package var from: String
    package var to: String
    package var time: Timestamp
    /// `loop`, or who asked for it (`unix:anna`, `token:ci`).
    package var actor: String
    package var reason: String

    package init(
        deployment: String, cycle: String?, from: String, to: String, time: Timestamp, actor: String, reason: String
    ) {
        self.deployment = deployment
        self.cycle = cycle
        self.from = from
        self.to = to
        self.time = time
        self.actor = actor
        self.reason = reason
    }
}

/// The state of one detector, saved with what it produced: a restart continues after `position` and says nothing twice.
package struct DetectorRecord: Equatable, Sendable {
    package var deployment: String
    package var name: String
    package var value: VersionedValue
    /// Everything up to here has been seen by the detector.
    package var position: LogPosition

    package init(deployment: String, name: String, value: VersionedValue, position: LogPosition) {
        self.deployment = deployment
        self.name = name
        self.value = value
        self.position = position
    }
}

/// A named part of a cycle's dossier; a later part of the same name replaces the earlier.
package struct DossierPart: Equatable, Sendable {
    package var cycle: String
    package var name: String
    package var value: JSONValue

    package init(cycle: String, name: String, value: JSONValue) {
        self.cycle = cycle
        self.name = name
        self.value = value
    }
}

/// The result of an operator's action, kept so that the same id is answered the same again and done once.
package struct ActionRecord: Equatable, Sendable {
    package var deployment: String
    package var id: String
    package var created: Timestamp
    /// The request, to tell a repetition from another request under the same id.
    package var request: JSONValue
    package var result: JSONValue

    package init(deployment: String, id: String, created: Timestamp, request: JSONValue, result: JSONValue) {
        self.deployment = deployment
        self.id = id
        self.created = created
        self.request = request
        self.result = result
    }
}
