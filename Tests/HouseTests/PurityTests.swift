import Foundation
import Testing

@Suite("HousePurity")
struct PurityTests {
    /// What only the composition roots may use: the wall clock, unseeded randomness, standard output. Time, randomness
    /// and log are handed down. `Task.sleep` and the kernel's monotonic clock are no wall clock and measure only lengths.
    private static var banned: [(what: String, pattern: Regex<Substring>)] {
        [
            (
                "the wall clock",
                /\bDate\(\)|\bDate\.now\b|timeIntervalSinceNow|\bCLOCK_REALTIME\b|\bgettimeofday\(|\btime\(nil\)/
            ),
            ("a clock that is not injected", /\b(?:ContinuousClock|SuspendingClock)\b/),
            ("unseeded randomness", /\bSystemRandomNumberGenerator\b|\barc4random|\bUUID\(\)/),
            ("standard output", /(?:^|[^.\w])(?:print|debugPrint|dump)\(/),
            ("the process's environment", /\bProcessInfo\b|\bgetenv\(/),
            ("a mutex that ThreadSanitizer does not understand", /\bimport Synchronization\b/),
        ]
    }

    /// Where a rule does not hold, and why.
    private static let exceptions: [String: String] = [:]

    @Test("below the commands there is no wall clock, no unseeded randomness, no output and no environment")
    func belowCommands() throws {
        for file in try SourceFile.all() where file.floor != "Commands" && Self.exceptions[file.path] == nil {
            for line in file.lines {
                for (what, pattern) in Self.banned where line.text.contains(pattern) {
                    Issue.record("\(file.path):\(line.number) uses \(what): \(line.text)")
                }
                if line.text.contains(/\.(?:random|randomElement|shuffled|shuffle)\(/),
                    !line.text.contains("using:")
                {
                    Issue.record("\(file.path):\(line.number) draws without a generator: \(line.text)")
                }
            }
        }
    }

    @Test("nothing is public, since there is no library product")
    func access() throws {
        for file in try SourceFile.all() {
            for line in file.lines
            where line.text.contains(/^\s*(?:public|open) (?:\w+ )*(?:func|var|let|struct|class|enum|init)/) {
                Issue.record("\(file.path):\(line.number): \(line.text)")
            }
        }
    }

    @Test("the sciences do no input or output")
    func sciences() throws {
        for file in try SourceFile.all() where file.floor == "Sciences" {
            for line in file.lines
            where line.text.contains(/\b(?:FileManager|FileHandle|URLSession|fopen|open|socket)\(/) {
                Issue.record("\(file.path):\(line.number): \(line.text)")
            }
        }
    }
}
