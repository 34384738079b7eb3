import Tensors

/// Block-diagonal causal attention over the rows of a packed batch: the shared beginning sees itself, each sequence
/// sees the beginning and itself.
struct BatchAttention {
    let batch: PackedBatch
    let configuration: ModelConfiguration
    let pool: ThreadPool
    let arena: Arena

    /// The shared beginning first, where there is one.
    private var segments: [Range<Int>] {
        (batch.sharedCount > 0 ? [0..<batch.sharedCount] : []) + batch.ranges
    }

    private func shared(_ index: Int) -> Int { index == 0 || batch.sharedCount == 0 ? 0 : batch.sharedCount }

    /// Parts that the heads are split into, so that a few long sequences keep all threads busy as well.
    private var headParts: Int {
        segments.count >= 2 * pool.threads ? 1 : configuration.keyValueHeadCount
    }

    private struct Heads {
        let query: Range<Int>
        let keyValue: Range<Int>
    }

    private func heads(_ part: Int, of parts: Int) -> Heads {
        let each = configuration.keyValueHeadCount / parts
        let group = configuration.headCount / configuration.keyValueHeadCount
        return Heads(
            query: part * each * group..<(part + 1) * each * group, keyValue: part * each..<(part + 1) * each)
    }

    private func columns(_ heads: Range<Int>, from start: Int = 0) -> Range<Int> {
        let size = configuration.headSize
        return start + heads.lowerBound * size..<start + heads.upperBound * size
    }

    private func segment(
        _ index: Int, _ all: Matrix, _ heads: Heads, layer: Int, probabilities: Matrix
    ) -> AttentionSegment {
        let rows = segments[index]
        let shared = shared(index)
        let key = all.columns(columns(heads.keyValue, from: configuration.queryWidth))
        let value = all.columns(
            columns(heads.keyValue, from: configuration.queryWidth + configuration.keyValueWidth))
        return AttentionSegment(
            query: all.rows(rows).columns(columns(heads.query)), headSize: configuration.headSize,
            sharedKey: shared > 0 ? key.rows(0..<shared) : nil, sharedValue: shared > 0 ? value.rows(0..<shared) : nil,
            ownKey: key.rows(rows), ownValue: value.rows(rows), before: 0,
            window: configuration.slidingWindows[layer] ?? 0, scale: 1 / Float(configuration.headSize).squareRoot(),
            probabilities: probabilities)
    }

    /// - Parameter record: keeps the probabilities.
    func forward(_ layer: Int, _ all: Matrix, into out: Matrix, record: LayerRecord?) {
        let segments = segments
        let parts = headParts
        let scratch: [Matrix]
        if let record {
            scratch = segments.indices.map { index in
                arena.matrix(
                    configuration.headCount * segments[index].count, shared(index) + segments[index].count)
            }
            record.probabilities = scratch
        } else {
            let longest = segments.map(\.count).max() ?? 0
            scratch = (0..<segments.count * parts).map { _ in arena.matrix(1, batch.sharedCount + longest) }
        }
        pool.parallelFor(segments.count * parts) { task in
            let index = task / parts
            let heads = heads(task % parts, of: parts)
            let count = segments[index].count
            let probabilities =
                record == nil
                ? scratch[task]
                : scratch[index].rows(heads.query.lowerBound * count..<heads.query.upperBound * count)
            segment(index, all, heads, layer: layer, probabilities: probabilities)
                .forward(into: out.rows(segments[index]).columns(columns(heads.query)))
        }
    }

    /// Gradients of queries, keys and values, written over `dall`.
    ///
    /// Sequences are dealt to as many lanes as there are threads; each lane sums what its sequences give the shared rows
    /// by itself, and the lanes' sums are added in order, so that the bytes do not depend on who was first.
    func backward(_ layer: Int, record: LayerRecord, all: Matrix, gradient: Matrix, into dall: Matrix) {
        let segments = segments
        let first = batch.sharedCount > 0 ? 1 : 0
        let own = segments.count - first
        let lanes = max(1, min(pool.threads, own))
        let parts = lanes < pool.threads ? configuration.keyValueHeadCount : 1
        let width = configuration.keyValueWidth
        let mark = arena.mark
        let keyColumns = configuration.queryWidth..<configuration.queryWidth + width
        let valueColumns = configuration.queryWidth + width..<configuration.attentionWidth
        dall.columns(configuration.queryWidth..<configuration.attentionWidth).fill(0)
        let longest = batch.sharedCount + (segments.map(\.count).max() ?? 0)
        let sums = (0..<lanes).map { _ in first == 1 ? arena.zeros(batch.sharedCount, 2 * width) : nil }
        let scratch = (0..<lanes * parts).map { _ in arena.matrix(1, longest) }

        func run(_ index: Int, _ heads: Heads, sums: Matrix?, scratch: Matrix) {
            let rows = segments[index]
            let probabilities = record.probabilities[index].rows(
                heads.query.lowerBound * rows.count..<heads.query.upperBound * rows.count)
            let keyValue = columns(heads.keyValue)
            segment(index, all, heads, layer: layer, probabilities: probabilities).backward(
                gradient: gradient.rows(rows).columns(columns(heads.query)),
                query: dall.rows(rows).columns(columns(heads.query)),
                sharedKey: sums?.columns(0..<width).columns(keyValue),
                sharedValue: sums?.columns(width..<2 * width).columns(keyValue),
                ownKey: dall.rows(rows).columns(keyColumns).columns(keyValue),
                ownValue: dall.rows(rows).columns(valueColumns).columns(keyValue), scratch: scratch)
        }
        pool.parallelFor(lanes * parts) { task in
            let lane = task / parts
            for index in lane * own / lanes..<(lane + 1) * own / lanes {
                run(index + first, heads(task % parts, of: parts), sums: sums[lane], scratch: scratch[task])
            }
        }
        if first == 1 {
            let shared = dall.rows(0..<batch.sharedCount)
            for sum in sums {
                guard let sum else { continue }
                shared.columns(configuration.queryWidth..<configuration.attentionWidth).add(sum)
            }
            run(0, heads(0, of: 1), sums: nil, scratch: scratch[0])
        }
        arena.rewind(to: mark)
    }
}
