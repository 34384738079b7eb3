import Transformer

/// Keys and values of the beginnings that many prompts share (a system message, usually), by adapter.
///
/// A prompt starts from the longest kept beginning. A beginning is kept once three prompts had it: two among the last
/// ones and the one that comes. The scheduler's thread owns it.
struct PrefixMemory {
    private struct Beginning {
        var tokens: [Int32]
        var cache: KeyValueCache
        var lastUse: Int
    }

    private struct Shelf {
        var adapter: LowRankAdapter?
        var beginnings: [Beginning] = []
        var recent: [[Int32]] = []
        var lastUse = 0
    }

    /// A shorter gain is not worth a step of its own.
    private static let leastGain = 4
    private static let recentPrompts = 8
    private static let beginningsPerAdapter = 4
    private static let adapters = 8

    private var shelves: [Shelf] = []
    private var clock = 0

    /// A cache with the beginning of `prompt`, and how many of its tokens it holds: at least one is left to compute.
    /// - Parameter compute: takes tokens into a cache (a step of the model).
    mutating func cache(
        for prompt: [Int32], adapter: LowRankAdapter?, capacity: Int, model: Model,
        compute: ([Int32], KeyValueCache) -> Void
    ) -> (cache: KeyValueCache, count: Int) {
        clock += 1
        let index = shelfIndex(of: adapter)
        shelves[index].lastUse = clock
        let kept = shelves[index].beginnings.indices
            .filter {
                prompt.count > shelves[index].beginnings[$0].tokens.count
                    && prompt.starts(with: shelves[index].beginnings[$0].tokens)
            }
            .max { shelves[index].beginnings[$0].tokens.count < shelves[index].beginnings[$1].tokens.count }
        let keptCount = kept.map { shelves[index].beginnings[$0].tokens.count } ?? 0
        let shared = shelves[index].recent.map { Self.commonCount($0, prompt) }.sorted(by: >)
        shelves[index].recent.append(prompt)
        if shelves[index].recent.count > Self.recentPrompts { shelves[index].recent.removeFirst() }
        let candidate = shared.count > 1 ? min(shared[1], prompt.count - 1) : 0
        if candidate >= keptCount + Self.leastGain {
            let tokens = Array(prompt[..<candidate])
            let trunk =
                kept.map { shelves[index].beginnings[$0].cache.fork(capacity: candidate) }
                ?? model.makeCache(capacity: candidate)
            compute(Array(tokens[keptCount...]), trunk)
            keep(Beginning(tokens: tokens, cache: trunk, lastUse: clock), on: index)
            return (trunk.fork(capacity: capacity), candidate)
        }
        guard let kept else { return (model.makeCache(capacity: capacity), 0) }
        shelves[index].beginnings[kept].lastUse = clock
        return (shelves[index].beginnings[kept].cache.fork(capacity: capacity), keptCount)
    }

    private mutating func shelfIndex(of adapter: LowRankAdapter?) -> Int {
        if let index = shelves.firstIndex(where: { $0.adapter === adapter }) { return index }
        if shelves.count >= Self.adapters,
            let oldest = shelves.indices.min(by: { shelves[$0].lastUse < shelves[$1].lastUse })
        {
            shelves.remove(at: oldest)
        }
        shelves.append(Shelf(adapter: adapter))
        return shelves.count - 1
    }

    private mutating func keep(_ beginning: Beginning, on shelf: Int) {
        if shelves[shelf].beginnings.count >= Self.beginningsPerAdapter,
            let oldest = shelves[shelf].beginnings.indices.min(by: {
                shelves[shelf].beginnings[$0].lastUse < shelves[shelf].beginnings[$1].lastUse
            })
        {
            shelves[shelf].beginnings.remove(at: oldest)
        }
        shelves[shelf].beginnings.append(beginning)
    }

    private static func commonCount(_ left: [Int32], _ right: [Int32]) -> Int {
        zip(left, right).prefix { $0 == $1 }.count
    }
}
