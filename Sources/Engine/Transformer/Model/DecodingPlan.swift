import Tensors

/// The rows of a decoding step: slices sorted so that those of one adapter lie together, their tokens and positions.
struct DecodingPlan {
    /// Index in the caller's order of each slice here.
    let order: [Int]
    let slices: [SequenceSlice]
    let tokens: [Int32]
    let positions: [Int32]
    private let ranges: [Range<Int>]
    /// Runs of rows, and runs of slices, with their adapters.
    let adapterRows: [AdapterRows]
    let adapterSlices: [AdapterRows]

    init(_ given: [SequenceSlice]) {
        var groups: [ObjectIdentifier?] = []
        for slice in given where !groups.contains(slice.adapter.map(ObjectIdentifier.init)) {
            groups.append(slice.adapter.map(ObjectIdentifier.init))
        }
        let order =
            groups.count <= 1
            ? Array(given.indices)
            : groups.flatMap { group in
                given.indices.filter { given[$0].adapter.map(ObjectIdentifier.init) == group }
            }
        let slices = order.map { given[$0] }
        var tokens: [Int32] = []
        var positions: [Int32] = []
        var ranges: [Range<Int>] = []
        var adapterRows: [AdapterRows] = []
        var adapterSlices: [AdapterRows] = []
        for (index, slice) in slices.enumerated() {
            precondition(!slice.tokens.isEmpty && slice.cache.count + slice.tokens.count <= slice.cache.capacity)
            let start = tokens.count
            tokens.append(contentsOf: slice.tokens)
            positions.append(contentsOf: Int32(slice.cache.count)..<Int32(slice.cache.count + slice.tokens.count))
            ranges.append(start..<tokens.count)
            guard let adapter = slice.adapter else { continue }
            if let before = adapterRows.last, before.adapter === adapter, let slicesBefore = adapterSlices.last {
                adapterRows[adapterRows.count - 1] = AdapterRows(
                    adapter: adapter, rows: before.rows.lowerBound..<tokens.count)
                adapterSlices[adapterSlices.count - 1] = AdapterRows(
                    adapter: adapter, rows: slicesBefore.rows.lowerBound..<index + 1)
            } else {
                adapterRows.append(AdapterRows(adapter: adapter, rows: start..<tokens.count))
                adapterSlices.append(AdapterRows(adapter: adapter, rows: index..<index + 1))
            }
        }
        self.order = order
        self.slices = slices
        self.tokens = tokens
        self.positions = positions
        self.ranges = ranges
        self.adapterRows = adapterRows
        self.adapterSlices = adapterSlices
    }

    var isInOrder: Bool { order == Array(order.indices) }
    var lastRows: [Int] { ranges.map { $0.upperBound - 1 } }

    /// Stores the new keys and values and lets each row see its sequence so far.
    ///
    /// - Parameter lastOnly: only the last row of each slice; `out` then has a row for each slice.
    func attend(_ layer: Int, _ all: Matrix, into out: Matrix, pass: LayerPass, lastOnly: Bool) {
        let c = pass.configuration
        let longest = slices.map { $0.cache.count + $0.tokens.count }.max() ?? 0
        let scratch = slices.map { _ in pass.arena.matrix(1, longest) }
        let key = all.columns(c.queryWidth..<c.queryWidth + c.keyValueWidth)
        let value = all.columns(c.queryWidth + c.keyValueWidth..<c.attentionWidth)
        let query = all.columns(0..<c.queryWidth)
        let scale = 1 / Float(c.headSize).squareRoot()
        pass.pool.parallelFor(slices.count) { index in
            let cache = slices[index].cache
            let rows = ranges[index]
            let places = cache.count..<cache.count + rows.count
            cache.keys(layer).rows(places).assign(key.rows(rows))
            cache.values(layer).rows(places).assign(value.rows(rows))
            let shown = lastOnly ? rows.upperBound - 1..<rows.upperBound : rows
            AttentionSegment(
                query: query.rows(shown), headSize: c.headSize, ownKey: cache.keys(layer),
                ownValue: cache.values(layer), before: places.upperBound - shown.count,
                window: c.slidingWindows[layer] ?? 0, scale: scale, probabilities: scratch[index]
            ).forward(into: out.rows(lastOnly ? index..<index + 1 : rows))
        }
    }
}
