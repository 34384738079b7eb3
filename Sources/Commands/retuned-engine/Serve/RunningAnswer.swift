import Tensors
import Transformer

/// An answer in the making. The scheduler's thread owns it.
final class RunningAnswer {
    let request: AnswerRequest
    let identifier: Int
    private let cache: KeyValueCache
    private let stopTokens: Set<Int>
    private let send: (AnswerEvent) -> Void
    /// Tokens that the cache does not hold yet: the rest of the prompt, then the last token chosen.
    private var pending: [Int32]
    private var sampler: Sampler
    private var decoder: StreamingDecoder
    private var filter: StopFilter
    private var count = 0
    private var unreported: [ReportedToken] = []

    /// A long prompt is taken in by pieces of so many tokens, so that running answers do not wait for all of it.
    private static let promptPiece = 256

    init(
        _ request: AnswerRequest, identifier: Int, cache: KeyValueCache, held: Int, template: ChatTemplate,
        send: @escaping (AnswerEvent) -> Void
    ) {
        self.request = request
        self.identifier = identifier
        self.cache = cache
        self.send = send
        stopTokens = template.stopTokens
        pending = Array(request.prompt[held...])
        sampler = Sampler(request.sampling)
        decoder = StreamingDecoder(template.tokenizer)
        filter = StopFilter(request.stops)
    }

    /// What the next step takes in.
    func nextSlice() -> SequenceSlice {
        SequenceSlice(cache: cache, tokens: Array(pending.prefix(Self.promptPiece)), adapter: request.adapter)
    }

    /// Goes on with the logits after the slice. False when the answer is complete.
    func advance(_ logits: Matrix, row: Int) -> Bool {
        pending.removeFirst(min(pending.count, Self.promptPiece))
        guard pending.isEmpty else { return true }
        guard let choice = sampler.choose(logits, row: row) else {
            send(.failed)
            return false
        }
        count += 1
        let id = Int(choice.token)
        if stopTokens.contains(id) {
            finish(.stop)
            return false
        }
        if let alternatives = request.topLogProbabilities {
            var token = ReportedToken(id: id, logProbability: choice.logProbability)
            if alternatives > 0 { token.top = Self.top(alternatives, logits, row: row) }
            unreported.append(token)
        }
        let (text, isStopped) = filter.next(decoder.next(id))
        if isStopped {
            give(text)
            send(.finished(.stop, completionTokens: count))
            return false
        }
        if !text.isEmpty { give(text) }
        if count >= request.maximumTokens || cache.count >= cache.capacity {
            finish(.length)
            return false
        }
        pending = [choice.token]
        return true
    }

    private func finish(_ ending: AnswerEvent.Ending) {
        let (text, isStopped) = filter.next(decoder.finish())
        give(text + (isStopped ? "" : filter.finish()))
        send(.finished(isStopped ? .stop : ending, completionTokens: count))
    }

    private func give(_ text: String) {
        guard !text.isEmpty || !unreported.isEmpty else { return }
        send(.text(text, tokens: unreported))
        unreported = []
    }

    private static func top(_ count: Int, _ logits: Matrix, row: Int) -> [ReportedToken.Alternative] {
        let values = logits.rows(row..<row + 1).values
        var best: [Int] = []
        for index in values.indices {
            if best.count == count, let last = best.last, values[index] <= values[last] { continue }
            let place = best.firstIndex { values[$0] < values[index] } ?? best.count
            best.insert(index, at: place)
            if best.count > count { best.removeLast() }
        }
        return best.map {
            ReportedToken.Alternative(id: $0, logProbability: logits.logProbability(of: $0, row: row))
        }
    }
}
