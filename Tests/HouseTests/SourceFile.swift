import Foundation

/// A Swift file of `Sources/`, without its comments.
struct SourceFile {
    var path: String
    /// Floor and target, the first folders below `Sources`.
    var floor: String
    var target: String
    /// Lines of code with their numbers; comment lines are left out.
    var lines: [(number: Int, text: String)]

    /// Every word of the code: a cheap way to pass over files before their lines are read by regular expressions.
    var words: Set<Substring>

    var imports: [String] {
        lines.filter { Self.mayImport($0.text) }.compactMap { line in
            line.text.wholeMatch(
                of:
                    /(?:@\w+(?:\([^)]*\))?\s+)*(?:package\s+|internal\s+|private\s+|fileprivate\s+)?import\s+(?:(?:struct|class|enum|func|var|let|protocol|typealias)\s+)?(\w+).*/
            ).map { String($0.1) }
        }
    }

    private static func mayImport(_ line: String) -> Bool {
        guard let first = line.utf8.first, first != UInt8(ascii: " ") else { return false }
        return line.hasPrefix("import ") || line.contains(" import ")
    }

    static func all() throws -> [SourceFile] {
        guard let files = FileManager.default.enumerator(atPath: "Sources") else { return [] }
        return try files.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            let parts = path.split(separator: "/").map(String.init)
            let text = try String(contentsOfFile: "Sources/" + path, encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
                (number: index + 1, text: String(line))
            }.filter { !$0.text.drop { $0 == " " }.hasPrefix("//") }
            var words: Set<Substring> = []
            for line in lines {
                let found = line.text.utf8.split { byte in
                    !((97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || byte == 95)
                }
                for word in found { words.insert(Substring(word)) }
            }
            return SourceFile(
                path: "Sources/" + path, floor: parts[0], target: parts[1], lines: lines, words: words)
        }
    }
}
