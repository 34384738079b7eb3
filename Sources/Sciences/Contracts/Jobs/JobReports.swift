package import Values

/// `estimate.json`, written before the work starts.
package struct JobEstimate: Codable, Equatable, Sendable {
    package var v: Int
    package var cpuSeconds: Double
    package var memoryBytes: Int
    /// Why the job will not start, in a sentence; absent when it fits its limits.
    package var refused: String?

    package init(cpuSeconds: Double, memoryBytes: Int, refused: String? = nil) {
        self.v = 1
        self.cpuSeconds = cpuSeconds
        self.memoryBytes = memoryBytes
        self.refused = refused
    }
}

/// A line of `progress.jsonl`.
package struct JobProgress: Codable, Equatable, Sendable {
    package var time: Timestamp
    package var phase: String
    package var step: Int
    package var of: Int
    package var loss: Double?
    package var heldoutLoss: Double?
    package var gradientNorm: Double?
    package var secondsLeft: Double?

    package init(
        time: Timestamp, phase: String, step: Int, of: Int, loss: Double? = nil, heldoutLoss: Double? = nil,
        gradientNorm: Double? = nil, secondsLeft: Double? = nil
    ) {
        self.time = time
        self.phase = phase
        self.step = step
        self.of = of
        self.loss = loss
        self.heldoutLoss = heldoutLoss
        self.gradientNorm = gradientNorm
        self.secondsLeft = secondsLeft
    }
}

/// `result/result.json`: how the job ended.
package struct JobResult: Codable, Equatable, Sendable {
    /// How a job ended: with its result, refused before the work began, with an error, or cancelled by the daemon.
    package enum Status: String, Codable, Sendable { case done, refused, failed, cancelled }

    package var v: Int
    package var status: Status
    /// Why, in a sentence, when the status is not `done`.
    package var reason: String?
    package var cpuSeconds: Double
    package var peakMemoryBytes: Int
    package var trainedParameters: Int?
    /// Named figures: `steps`, `stepSeconds`, `fullStepSeconds`, `learningRate`, `heldoutLossBefore`,
    /// `heldoutLossAfter`, `trainedTokens`, …
    package var metrics: [String: Double]

    package init(
        status: Status, reason: String? = nil, cpuSeconds: Double, peakMemoryBytes: Int, trainedParameters: Int? = nil,
        metrics: [String: Double] = [:]
    ) {
        self.v = 1
        self.status = status
        self.reason = reason
        self.cpuSeconds = cpuSeconds
        self.peakMemoryBytes = peakMemoryBytes
        self.trainedParameters = trainedParameters
        self.metrics = metrics
    }
}

/// `result/impact.json`: impact of every module on the job's messages.
package struct ImpactReport: Codable, Equatable, Sendable {
    /// One linear map's impact; only ratios between scores of one report mean something.
    package struct Module: Codable, Equatable, Sendable {
        /// Module path below the checkpoint's `model.`, for example `layers.6.mlp.down_proj`.
        package var name: String
        package var score: Double
        package var standardError: Double
        /// The score on each fold of units alone.
        package var folds: [Double]
        /// Trained numbers per unit of rank: rows + columns of the module's weight.
        package var cost: Int
        package var prior: Double?
        package var trafficShare: Double?

        package init(
            name: String, score: Double, standardError: Double, folds: [Double], cost: Int, prior: Double? = nil,
            trafficShare: Double? = nil
        ) {
            self.name = name
            self.score = score
            self.standardError = standardError
            self.folds = folds
            self.cost = cost
            self.prior = prior
            self.trafficShare = trafficShare
        }
    }

    package var v: Int
    package var modules: [Module]
    /// Units that the messages came from.
    package var units: Int
    package var messages: Int
    package var method: String

    package init(modules: [Module], units: Int, messages: Int, method: String) {
        self.v = 1
        self.modules = modules
        self.units = units
        self.messages = messages
        self.method = method
    }
}

/// A line of `result/answers.jsonl`: what one arm makes of one example.
package struct EvaluatedAnswer: Codable, Equatable, Sendable {
    /// Which of the job's two adapters answered: the one that serves now (or the base alone), or the one under
    /// evaluation.
    package enum Arm: String, Codable, Sendable { case incumbent, candidate }

    package var record: String
    package var set: ExampleSet
    package var arm: Arm
    /// Sum of the log-probabilities of the accepted answer's scored tokens, in nats.
    package var logLikelihood: Double
    /// Number of scored tokens.
    package var tokens: Int
    /// The greedy answer.
    package var answer: String
    /// Whether it equals the accepted answer after NFC, trimming, lower case and single spaces.
    package var exact: Bool

    package init(
        record: String, set: ExampleSet, arm: Arm, logLikelihood: Double, tokens: Int, answer: String, exact: Bool
    ) {
        self.record = record
        self.set = set
        self.arm = arm
        self.logLikelihood = logLikelihood
        self.tokens = tokens
        self.answer = answer
        self.exact = exact
    }
}

/// `probe.json` beside an adapter: a conversation of nobody's, and the log-probabilities that the adapter gives its
/// answer, so that a server that loaded it can be asked whether it serves these very bytes.
package struct AdapterProbe: Codable, Equatable, Sendable {
    package var messages: [TrainingExample.Message]
    /// The greedy answer's text.
    package var answer: String
    /// Log-probability of each token of the greedy answer, in nats.
    package var logProbabilities: [Double]

    package init(messages: [TrainingExample.Message], answer: String, logProbabilities: [Double]) {
        self.messages = messages
        self.answer = answer
        self.logProbabilities = logProbabilities
    }
}
