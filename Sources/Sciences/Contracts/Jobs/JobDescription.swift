/// `job.json`: what a job folder asks the engine to do. All paths are relative to the folder.
///
/// The daemon writes it once before it starts the engine; the engine only reads it. Unknown fields are errors.
package struct JobDescription: Codable, Equatable, Sendable {
    /// What the engine computes: a map of impact, an adapter, or the answers of two adapters. The field of the same
    /// name holds the details.
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case impact, train, evaluate
    }

    /// Version of the format; this build reads and writes 1.
    package var v: Int
    package var id: String
    package var kind: Kind
    /// Folder of the base checkpoint; a symbolic link or a path relative to the job folder, by custom `base`.
    package var base: String
    /// `sha256:` of the base checkpoint's weights, so that a job never runs on another base than it was planned for.
    package var baseDigest: String
    /// Folder of the adapter that serves now, in PEFT's format; absent when the base serves alone.
    package var incumbent: String?
    /// Folder of the adapter under evaluation (`evaluate` only).
    package var candidate: String?
    /// Name of the chat template, one of those that `Transformer` recognises (`chatml`, `llama3`, …).
    package var template: String
    package var seed: UInt64
    package var limits: Limits
    package var impact: Impact?
    package var train: Train?
    package var evaluate: Evaluate?

    package init(
        id: String, kind: Kind, base: String, baseDigest: String, incumbent: String? = nil, candidate: String? = nil,
        template: String, seed: UInt64, limits: Limits, impact: Impact? = nil, train: Train? = nil,
        evaluate: Evaluate? = nil
    ) {
        self.v = 1
        self.id = id
        self.kind = kind
        self.base = base
        self.baseDigest = baseDigest
        self.incumbent = incumbent
        self.candidate = candidate
        self.template = template
        self.seed = seed
        self.limits = limits
        self.impact = impact
        self.train = train
        self.evaluate = evaluate
    }

    /// What the job may use. A job whose estimate is over a limit refuses before it starts.
    package struct Limits: Codable, Equatable, Sendable {
        /// CPU time over all threads, in seconds.
        package var cpuSeconds: Double
        /// Ceiling of the data segment in bytes (`RLIMIT_DATA`).
        package var memoryBytes: Int
        package var threads: Int

        package init(cpuSeconds: Double, memoryBytes: Int, threads: Int) {
            self.cpuSeconds = cpuSeconds
            self.memoryBytes = memoryBytes
            self.threads = threads
        }
    }

    /// What a job of kind `impact` measures: how much each module matters for `data/train.jsonl`.
    package struct Impact: Codable, Equatable, Sendable {
        /// `gradientMagnitude`: Σ|ḡ| of a module's weight over the messages, by fold of units.
        package var method: String
        package var maximumMessages: Int
        /// Number of disjoint groups of units whose scores are reported apart.
        package var folds: Int

        package init(method: String, maximumMessages: Int, folds: Int) {
            self.method = method
            self.maximumMessages = maximumMessages
            self.folds = folds
        }
    }

    /// What a job of kind `train` makes: an adapter on top of the incumbent, from `data/train.jsonl`.
    package struct Train: Codable, Equatable, Sendable {
        /// The loss: `supervised`, the negative log-likelihood of desirable answers; `kto`, Kahneman–Tversky on all
        /// rows, with the constants in `kto`; `both`, their sum.
        package enum Objective: String, Codable, Sendable { case supervised, kto, both }

        package var selection: Selection
        /// Most parameters that the candidate's new factors may have.
        package var parameterBudget: Int
        /// Rank that the exported adapter may not exceed (vLLM's `max_lora_rank`).
        package var maximumRank: Int
        package var objective: Objective
        package var kto: KTO?
        package var epochs: Int
        /// Rates tried; the one with the lowest held-out loss is kept.
        package var learningRates: [Double]
        /// Tokens of one optimiser step, all sequences of the batch together.
        package var batchTokens: Int

        package init(
            selection: Selection, parameterBudget: Int, maximumRank: Int, objective: Objective, kto: KTO? = nil,
            epochs: Int, learningRates: [Double], batchTokens: Int
        ) {
            self.selection = selection
            self.parameterBudget = parameterBudget
            self.maximumRank = maximumRank
            self.objective = objective
            self.kto = kto
            self.epochs = epochs
            self.learningRates = learningRates
            self.batchTokens = batchTokens
        }
    }

    /// Constants of Kahneman–Tversky optimisation (Ethayarajh et al., arXiv 2402.01306).
    package struct KTO: Codable, Equatable, Sendable {
        package var beta: Double
        package var desirableWeight: Double
        package var undesirableWeight: Double

        package init(beta: Double, desirableWeight: Double, undesirableWeight: Double) {
            self.beta = beta
            self.desirableWeight = desirableWeight
            self.undesirableWeight = undesirableWeight
        }
    }

    /// What a job of kind `evaluate` says of each held-out, old and golden row, for the incumbent and the candidate.
    package struct Evaluate: Codable, Equatable, Sendable {
        /// What is measured on a row: the accepted answer's log-likelihood in nats, or whether the greedy answer is the
        /// same as it.
        package enum Metric: String, Codable, Sendable { case logLikelihood, exactAnswer }

        package var metrics: [Metric]

        package init(metrics: [Metric]) {
            self.metrics = metrics
        }
    }
}

/// The modules a training may change, and how.
package struct Selection: Codable, Equatable, Sendable {
    /// One linear map of the model, and which new factors it gets: their number is `rank` plus those for rows and
    /// columns.
    package struct Module: Codable, Equatable, Sendable {
        /// Module path below the checkpoint's `model.`, for example `layers.6.mlp.down_proj`.
        package var name: String
        /// Rank of the new low-rank factors; 0 for none.
        package var rank: Int
        /// Output rows (of `[out, in]`) tuned as one-hot factors.
        package var rows: [Int]?
        /// Input columns tuned as one-hot factors.
        package var columns: [Int]?
        /// Single entries, as `[row, column]`.
        package var entries: [[Int]]?

        package init(
            name: String, rank: Int, rows: [Int]? = nil, columns: [Int]? = nil, entries: [[Int]]? = nil
        ) {
            self.name = name
            self.rank = rank
            self.rows = rows
            self.columns = columns
            self.entries = entries
        }
    }

    package var modules: [Module]

    package init(modules: [Module]) {
        self.modules = modules
    }
}
