// Canonical composition is no interface of the standard library yet. Foundation's follows an old version of Unicode (it
// composes U+110C with U+1176, and leaves U+11935 U+11930 apart), so the library's own implementation is used.
@_spi(_Unicode) import Swift

/// What `normalizer` of tokenizer.json does to a text before it is split.
enum TextNormalizer: Sendable {
    case sequence([TextNormalizer])
    /// Canonical composition (Unicode Standard Annex 15).
    case canonicalComposition
    /// Puts a string before a text that is not empty.
    case prepend([UInt32])
    case replace(pattern: [UInt32], content: [UInt32])

    func normalize(_ text: [AlignedScalar]) -> [AlignedScalar] {
        switch self {
        case .sequence(let normalizers):
            return normalizers.reduce(text) { $1.normalize($0) }
        case .canonicalComposition:
            return Self.compose(text)
        case .prepend(let prefix):
            guard let first = text.first else { return text }
            return prefix.map { AlignedScalar(value: $0, start: first.start, end: first.start) } + text
        case .replace(let pattern, let content):
            return Self.replace(pattern, by: content, in: text)
        }
    }

    /// Scalars below U+0300 are composed and nothing before them composes with them, so most texts return at once.
    private static func compose(_ text: [AlignedScalar]) -> [AlignedScalar] {
        guard text.contains(where: { $0.value >= 0x300 }) else { return text }
        var composed: [AlignedScalar] = []
        composed.reserveCapacity(text.count)
        var index = 0
        // Runs between two scalars under U+0300 are composed together with the scalar before them.
        while index < text.count {
            var end = index + 1
            while end < text.count, text[end].value >= 0x300 { end += 1 }
            if end == index + 1 && text[index].value < 0x300 {
                composed.append(text[index])
            } else {
                composed += composeRun(text[index..<end])
            }
            index = end
        }
        return composed
    }

    /// Composes a run. Alignment is kept by grapheme cluster, and given up within the run where clusters interact.
    private static func composeRun(_ run: ArraySlice<AlignedScalar>) -> [AlignedScalar] {
        let string = run.string
        let whole = Array(string._nfc)
        var aligned: [AlignedScalar] = []
        var position = run.startIndex
        for cluster in string {
            let end = position + cluster.unicodeScalars.count
            let start = run[position].start
            for scalar in String(cluster)._nfc {
                aligned.append(AlignedScalar(value: scalar.value, start: start, end: run[end - 1].end))
            }
            position = end
        }
        if aligned.count == whole.count, zip(aligned, whole).allSatisfy({ $0.value == $1.value }) { return aligned }
        return whole.map {
            AlignedScalar(value: $0.value, start: run[run.startIndex].start, end: run[run.endIndex - 1].end)
        }
    }

    private static func replace(
        _ pattern: [UInt32], by content: [UInt32], in text: [AlignedScalar]
    ) -> [AlignedScalar] {
        guard let head = pattern.first, text.contains(where: { $0.value == head }) else { return text }
        var result: [AlignedScalar] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if text[index].value == head, index + pattern.count <= text.count,
                zip(pattern, text[index...]).allSatisfy({ $0 == $1.value })
            {
                let start = text[index].start
                let end = text[index + pattern.count - 1].end
                result += content.map { AlignedScalar(value: $0, start: start, end: end) }
                index += pattern.count
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }
}
