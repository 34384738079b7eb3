/// Splits of folds into two halves.
enum FoldSplits {
    /// Splits beyond this number are thinned evenly.
    static let most = 64

    /// First halves (⌊n/2⌋ folds) of splits of `folds`, in lexicographic order: all of them where there are at most 64,
    /// else every k-th, so that each fold stands in about half of them.
    static func halves(of folds: [Int]) -> [[Int]] {
        let size = folds.count / 2
        var total = 1
        for index in 0..<size { total = total * (folds.count - index) / (index + 1) }
        // With an even number of folds a split and its mirror image are one: the first fold stays on the first side.
        if folds.count % 2 == 0 { total /= 2 }
        let step = max(1, (total + most - 1) / most)
        var result: [[Int]] = []
        var picked = Array(0..<size)
        for number in 0..<total {
            if number % step == 0 { result.append(picked.map { folds[$0] }) }
            // The next combination in lexicographic order.
            guard let place = picked.indices.last(where: { picked[$0] < folds.count - size + $0 }) else { break }
            picked[place] += 1
            for later in picked.indices where later > place { picked[later] = picked[later - 1] + 1 }
        }
        return result
    }
}
