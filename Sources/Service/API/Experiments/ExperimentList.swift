/// Answer of `GET …/experiments`.
package struct ExperimentList: Codable, Equatable, Sendable {
    package var experiments: [ExperimentView]

    package init(experiments: [ExperimentView]) {
        self.experiments = experiments
    }
}
