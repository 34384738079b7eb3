/// A token that is matched in the text before the model sees it (`added_tokens` of tokenizer.json).
struct AddedToken: Sendable {
    var id: Int
    var content: String
    /// Matched only between characters that are not part of a word.
    var singleWord: Bool
    /// Takes the white space before it, after it, along.
    var stripsLeft: Bool
    var stripsRight: Bool
    /// Looked for in the normalised text, else in the original.
    var normalized: Bool
    /// A control token: not matched in text that a user wrote, left out of decoded answers.
    var special: Bool
}

/// Finds added tokens in a text: the leftmost, and the longest of those that begin at a place.
struct AddedTokenMatcher: Sendable {
    enum Piece {
        case text([AlignedScalar])
        case token(AlignedToken)
    }

    private struct Candidate: Sendable {
        var token: AddedToken
        var scalars: [UInt32]
    }

    /// By first scalar, longest first.
    private var candidates: [UInt32: [Candidate]] = [:]

    /// - Parameter pattern: what is looked for in place of the token's own text (normalised, where it is).
    init(_ tokens: [AddedToken], pattern: (AddedToken) -> [UInt32]) {
        for token in tokens {
            let scalars = pattern(token)
            guard let first = scalars.first else { continue }
            candidates[first, default: []].append(Candidate(token: token, scalars: scalars))
        }
        for first in candidates.keys {
            candidates[first]?.sort { $0.scalars.count > $1.scalars.count }
        }
    }

    func pieces(of text: [AlignedScalar], recognisingSpecialTokens: Bool) -> [Piece] {
        guard !candidates.isEmpty, !text.isEmpty else { return [.text(text)] }
        var pieces: [Piece] = []
        var pieceStart = 0
        var index = 0
        while index < text.count {
            guard
                let match = candidates[text[index].value]?.first(where: { candidate in
                    (recognisingSpecialTokens || !candidate.token.special)
                        && index + candidate.scalars.count <= text.count
                        && zip(candidate.scalars, text[index...]).allSatisfy { $0 == $1.value }
                })
            else {
                index += 1
                continue
            }
            var start = index
            var end = index + match.scalars.count
            index = end
            if match.token.singleWord, Self.isWord(text, start - 1) || Self.isWord(text, end) { continue }
            if match.token.stripsLeft {
                while start > pieceStart, ScalarClass.of(text[start - 1].value) == .space { start -= 1 }
            }
            if match.token.stripsRight {
                while end < text.count, ScalarClass.of(text[end].value) == .space { end += 1 }
            }
            if start > pieceStart { pieces.append(.text(Array(text[pieceStart..<start]))) }
            pieces.append(
                .token(
                    AlignedToken(id: match.token.id, start: Int(text[start].start), end: Int(text[end - 1].end))))
            pieceStart = end
            index = end
        }
        if pieceStart < text.count { pieces.append(.text(Array(text[pieceStart...]))) }
        return pieces
    }

    /// `\w`: letters, marks, decimal numbers and connecting punctuation.
    private static func isWord(_ text: [AlignedScalar], _ index: Int) -> Bool {
        guard text.indices.contains(index), let scalar = Unicode.Scalar(text[index].value) else { return false }
        switch scalar.properties.generalCategory {
        case .decimalNumber, .connectorPunctuation, .nonspacingMark, .spacingMark, .enclosingMark: return true
        default: return scalar.properties.isAlphabetic
        }
    }
}
