/// Answer of `GET …/cycles`.
package struct CycleList: Codable, Equatable, Sendable {
    package var cycles: [CycleView]

    package init(cycles: [CycleView]) {
        self.cycles = cycles
    }
}
