/// A token and the half-open range of Unicode scalars of the encoded text that it covers, at least in part.
package struct AlignedToken: Equatable, Sendable {
    package var id: Int
    package var start: Int
    package var end: Int

    package init(id: Int, start: Int, end: Int) {
        self.id = id
        self.start = start
        self.end = end
    }
}
