package import Experimentation
package import Store

extension RequestOutcome {
    package init(_ row: ExperimentInteraction) {
        self.init(
            failed: row.failed, latencyMilliseconds: row.latencyMilliseconds,
            firstTokenMilliseconds: row.timeToFirstTokenMilliseconds, promptTokens: row.promptTokens,
            completionTokens: row.completionTokens)
    }

    init(_ row: RatedRequest) {
        self.init(
            failed: row.failed, latencyMilliseconds: row.latencyMilliseconds,
            firstTokenMilliseconds: row.timeToFirstTokenMilliseconds, promptTokens: row.promptTokens,
            completionTokens: row.completionTokens)
    }
}
