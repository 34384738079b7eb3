import Foundation

/// A Swift file of `Sources/`, without its comments.
struct SourceFile {
    var path: String
    /// Floor and target, the first folders below `Sources`.
    var floor: String
    var target: String
    /// Lines of code with their numbers; comment lines are left out.
    var lines: [(number: Int, text: String)]

    var imports: [String] {
        lines.compactMap { line in
            line.text.wholeMatch(
                of:
                    /(?:@\w+(?:\([^)]*\))?\s+)*(?:package\s+|internal\s+|private\s+|fileprivate\s+)?import\s+(?:(?:struct|class|enum|func|var|let|protocol|typealias)\s+)?(\w+).*/
            ).map { String($0.1) }
        }
    }

    static func all() throws -> [SourceFile] {
        guard let files = FileManager.default.enumerator(atPath: "Sources") else { return [] }
        return try files.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            let parts = path.split(separator: "/").map(String.init)
            let text = try String(contentsOfFile: "Sources/" + path, encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
                (number: index + 1, text: String(line))
            }.filter { !$0.text.drop { $0 == " " }.hasPrefix("//") }
            return SourceFile(path: "Sources/" + path, floor: parts[0], target: parts[1], lines: lines)
        }
    }
}
