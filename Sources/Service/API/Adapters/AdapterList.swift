/// Answer of `GET …/adapters`.
package struct AdapterList: Codable, Equatable, Sendable {
    package var adapters: [AdapterView]

    package init(adapters: [AdapterView]) {
        self.adapters = adapters
    }
}
