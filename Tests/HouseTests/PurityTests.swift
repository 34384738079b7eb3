import Foundation
import Testing

@Suite("HousePurity")
struct PurityTests {
    /// What only the composition roots may use: the wall clock, unseeded randomness, standard output. Time, randomness
    /// and log are handed down. `Task.sleep` and the kernel's monotonic clock are no wall clock and measure only lengths.
    private static var banned: [(what: String, words: Set<Substring>, pattern: Regex<Substring>)] {
        [
            (
                "the wall clock", ["Date", "timeIntervalSinceNow", "CLOCK_REALTIME", "gettimeofday", "time"],
                /\bDate\(\)|\bDate\.now\b|timeIntervalSinceNow|\bCLOCK_REALTIME\b|\bgettimeofday\(|\btime\(nil\)/
            ),
            (
                "a clock that is not injected", ["ContinuousClock", "SuspendingClock"],
                /\b(?:ContinuousClock|SuspendingClock)\b/
            ),
            (
                "unseeded randomness", ["SystemRandomNumberGenerator", "arc4random", "UUID"],
                /\bSystemRandomNumberGenerator\b|\barc4random|\bUUID\(\)/
            ),
            ("standard output", ["print", "debugPrint", "dump"], /(?:^|[^.\w])(?:print|debugPrint|dump)\(/),
            ("the process's environment", ["ProcessInfo", "getenv"], /\bProcessInfo\b|\bgetenv\(/),
            (
                "a mutex that ThreadSanitizer does not understand", ["Synchronization"], /\bimport Synchronization\b/
            ),
        ]
    }

    private static let outside: Set<Substring> = [
        "FileManager", "FileHandle", "URLSession", "fopen", "open", "socket",
    ]

    /// Where a rule does not hold, and why.
    private static let exceptions: [String: String] = [:]

    @Test("below the commands there is no wall clock, no unseeded randomness, no output and no environment")
    func belowCommands() throws {
        let banned = Self.banned
        let draws: Set<Substring> = ["random", "randomElement", "shuffled", "shuffle"]
        for file in try SourceFile.all() where file.floor != "Commands" && Self.exceptions[file.path] == nil {
            for rule in banned where !file.words.isDisjoint(with: rule.words) {
                for line in file.lines where line.text.contains(rule.pattern) {
                    Issue.record("\(file.path):\(line.number) uses \(rule.what): \(line.text)")
                }
            }
            // A seeded generator of ours may have methods of these names.
            for line in file.lines
            where !file.words.isDisjoint(with: draws) && !line.text.contains("using:")
                && !line.text.contains("enerator.")
                && line.text.contains(/\.(?:random|randomElement|shuffled|shuffle)\(/)
            {
                Issue.record("\(file.path):\(line.number) draws without a generator: \(line.text)")
            }
        }
    }

    @Test("nothing is public, since there is no library product")
    func access() throws {
        for file in try SourceFile.all() where !file.words.isDisjoint(with: ["public", "open"]) {
            for line in file.lines
            where line.text.contains(/^\s*(?:public|open) (?:\w+ )*(?:func|var|let|struct|class|enum|init)/) {
                Issue.record("\(file.path):\(line.number): \(line.text)")
            }
        }
    }

    @Test("the sciences do no input or output")
    func sciences() throws {
        for file in try SourceFile.all() where file.floor == "Sciences" && !file.words.isDisjoint(with: Self.outside) {
            for line in file.lines
            where line.text.contains(/\b(?:FileManager|FileHandle|URLSession|fopen|open|socket)\(/) {
                Issue.record("\(file.path):\(line.number): \(line.text)")
            }
        }
    }
}
