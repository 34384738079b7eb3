import Foundation
import Locking

/// Independent runs on threads of their own, off the cooperative pool.
enum Parallel {
    /// The results in the order of the runs, whatever thread took which.
    static func map<Result: Sendable>(
        runs: Int, threads: Int, _ work: @Sendable (_ run: Int) -> Result
    ) -> [Result] {
        let results = Locked([Result?](repeating: nil, count: runs))
        let next = Locked(0)
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while true {
                let run = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                guard run < runs else { return }
                let result = work(run)
                results.withLock { $0[run] = result }
            }
        }
        return results.withLock { $0 }.compactMap(\.self)
    }
}
