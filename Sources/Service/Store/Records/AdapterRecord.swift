package import Values

/// A trained change to the base model, and where it comes from.
package struct AdapterRecord: Equatable, Sendable {
    /// Where an adapter stands in its life; the raw value is stored.
    package enum Status: String, CaseIterable, Sendable {
        /// Its name is taken and its training runs.
        case training
        /// Its files are complete and `folder` and `digest` are set.
        case trained
        /// It passed the gate, and waits for or stands in an experiment.
        case candidate
        /// What units outside an experiment get.
        case serving
        /// It served, and a later one took its place.
        case retired
        case rejected
        case rolledBack
        case failed
    }

    package var deployment: String
    /// `<deployment>-v<version>`.
    package var name: String
    /// Taken from `allocateAdapterVersion`; never used twice.
    package var version: Int
    /// The adapter it was trained on top of; nil: the base.
    package var parent: String?
    package var status: Status
    package var cycle: String?
    package var created: Timestamp
    /// Path relative to the folder of adapters, which is named by content.
    package var folder: String?
    package var digest: String?
    /// Of the checkpoint that it was trained on; nil: not known.
    package var baseDigest: String?
    package var trainedParameters: Int?
    /// A JSON object: what training and gate measured.
    package var metrics: JSONValue
    /// Training rows that an erasure took out of its lineage since.
    package var erasedRecords: Int

    package init(
        deployment: String, name: String, version: Int, parent: String? = nil, status: Status, cycle: String? = nil,
        created: Timestamp, folder: String? = nil, digest: String? = nil, baseDigest: String? = nil,
        trainedParameters: Int? = nil,
        metrics: JSONValue = .object(JSONObject()), erasedRecords: Int = 0
    ) {
        self.deployment = deployment
        self.name = name
        self.version = version
        self.parent = parent
        self.status = status
        self.cycle = cycle
        self.created = created
        self.folder = folder
        self.digest = digest
        self.baseDigest = baseDigest
        self.trainedParameters = trainedParameters
        self.metrics = metrics
        self.erasedRecords = erasedRecords
    }
}

/// One record that went into an adapter, or that it was judged on.
package struct LineageRecord: Equatable, Sendable {
    /// What a record was used for: `train` taught the adapter, `heldout` (recent) and `old` rows judged it. The raw
    /// value is stored.
    package enum DataSet: String, CaseIterable, Sendable {
        case train
        case heldout
        case old
    }

    package var adapter: String
    /// `sha256:` of the stored interaction.
    package var record: String
    package var interaction: String
    package var rating: String?
    package var set: DataSet
    package var weight: Double
    /// Pseudonyms of who asked and who rated, so that an erasure finds it after retention took the log's rows.
    package var unit: String?
    package var rater: String?

    package init(
        adapter: String, record: String, interaction: String, rating: String? = nil, set: DataSet, weight: Double,
        unit: String? = nil, rater: String? = nil
    ) {
        self.adapter = adapter
        self.record = record
        self.interaction = interaction
        self.rating = rating
        self.set = set
        self.weight = weight
        self.unit = unit
        self.rater = rater
    }
}

/// A row of the data of a job that has not ended: what an erasure has to find before an adapter has seen it.
package struct OpenJobRow: Equatable, Sendable {
    /// `sha256:` of the stored interaction.
    package var record: String
    package var interaction: String
    package var rating: String?
    package var set: LineageRecord.DataSet
    package var weight: Double
    /// Pseudonyms of who asked and who rated, as the log has them when the job is opened.
    package internal(set) var unit: String?
    package internal(set) var rater: String?

    package init(record: String, interaction: String, rating: String?, set: LineageRecord.DataSet, weight: Double) {
        self.record = record
        self.interaction = interaction
        self.rating = rating
        self.set = set
        self.weight = weight
    }
}

/// A piece of work on a model, carried out in a folder (`j-41`).
package struct JobRecord: Equatable, Sendable {
    /// Where a job stands; the raw value is stored.
    package enum State: String, CaseIterable, Sendable {
        case waiting
        case running
        case done
        case refused
        case failed
        case cancelled

        package var isFinal: Bool { self != .waiting && self != .running }
    }

    package var id: String
    package var deployment: String
    package var cycle: String?
    /// `impact`, `train` or `evaluate`.
    package var kind: String
    package var folder: String
    package var state: State
    /// Times it was started.
    package var attempts: Int
    package var cpuSeconds: Double
    package var started: Timestamp?
    package var ended: Timestamp?

    package init(
        id: String, deployment: String, cycle: String? = nil, kind: String, folder: String, state: State = .waiting,
        attempts: Int = 0, cpuSeconds: Double = 0, started: Timestamp? = nil, ended: Timestamp? = nil
    ) {
        self.id = id
        self.deployment = deployment
        self.cycle = cycle
        self.kind = kind
        self.folder = folder
        self.state = state
        self.attempts = attempts
        self.cpuSeconds = cpuSeconds
        self.started = started
        self.ended = ended
    }
}
