/// What a JSON text may cost before it is refused. Its size is the caller's to bound.
package struct JSONLimits: Sendable {
    /// Most arrays and objects inside one another.
    package var maximumDepth: Int

    package init(maximumDepth: Int = 64) {
        self.maximumDepth = maximumDepth
    }
}
