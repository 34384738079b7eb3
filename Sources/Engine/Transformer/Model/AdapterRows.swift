/// An adapter and the rows of a pass that it changes.
struct AdapterRows: Sendable {
    let adapter: LowRankAdapter
    let rows: Range<Int>
}
