/// What was removed, and which adapters saw it.
package struct EraseResult: Codable, Equatable, Sendable {
    package var interactions: Int
    package var ratings: Int
    package var adapters: [String]
    package var detail: String

    package init(interactions: Int, ratings: Int, adapters: [String], detail: String) {
        self.interactions = interactions
        self.ratings = ratings
        self.adapters = adapters
        self.detail = detail
    }
}
