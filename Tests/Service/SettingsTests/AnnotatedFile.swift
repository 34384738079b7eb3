import Foundation

/// `config/retuned.yaml`, as it is and with its examples switched on.
enum AnnotatedFile {
    static func text() throws -> String {
        try String(contentsOfFile: "config/retuned.yaml", encoding: .utf8)
    }

    /// The text with the commented-out examples made real. Prose begins with `# ` and a word; an example's line has
    /// no space after its sign, or two.
    static func withExamples() throws -> String {
        try text().split(separator: "\n", omittingEmptySubsequences: false).map { line -> Substring in
            guard line.first == "#" else { return line }
            let rest = line.dropFirst()
            let isProse = rest.isEmpty || (rest.first == " " && rest.dropFirst().first != " ") || rest.hasPrefix("   ")
            return isProse && !rest.hasPrefix("    ") ? line : rest
        }.joined(separator: "\n")
    }
}
