import Foundation
import Testing

@Suite("HouseDocuments")
struct HouseDocumentTests {
    @Test("docs/house.md draws every target with the targets it imports")
    func house() throws {
        let manifest = try PackageManifest()
        let text = try String(contentsOfFile: "docs/house.md", encoding: .utf8)
        var drawn: [String: Set<String>] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3 else { continue }
            let name = cells[0].replacing("`", with: "")
            drawn[name] = cells[2] == "–" ? [] : Set(cells[2].split(separator: ", ").map(String.init))
        }
        #expect(Set(drawn.keys) == Set(manifest.targets.keys))
        for (name, target) in manifest.targets { #expect(drawn[name] == target.targets, "\(name)") }
    }

    @Test("docs/dependencies.md gives a reason for every dependency, and names none that is gone")
    func dependencies() throws {
        let manifest = try PackageManifest()
        let text = try String(contentsOfFile: "docs/dependencies.md", encoding: .utf8)
        var named: Set<String> = []
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            try #require(cells.count >= 2, "\(line)")
            named.insert(cells[0].replacing("`", with: ""))
            #expect(cells[1].count > 20, "\(line)")
        }
        // SQLite and its headers come with GRDB and are no target of ours.
        let expected = Set(manifest.packages.keys).union(manifest.systemLibraries).union(["libsqlite3-dev"])
        #expect(named == expected)
    }

    @Test("every package or public type says in a doc comment what it is")
    func typeComments() throws {
        let declaration =
            /(?:@\S+ )*(?:final |indirect )*(?:package|public|open) (?:final |indirect |nonisolated )*(?:struct|enum|class|actor|protocol|typealias) \w/
        let beginnings = ["package ", "public ", "open ", "final ", "indirect ", "@"]
        for file in try SourceFile.all() where !file.words.isDisjoint(with: ["package", "public", "open"]) {
            let lines = try String(contentsOfFile: file.path, encoding: .utf8)
                .split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
            for (index, line) in lines.enumerated()
            where beginnings.contains(where: { line.hasPrefix($0) }) && line.prefixMatch(of: declaration) != nil {
                // Attributes may stand between.
                let above = lines[..<index].last { !$0.hasPrefix("@") }
                if above?.hasPrefix("///") != true {
                    Issue.record("\(file.path):\(index + 1) has no doc comment: \(line)")
                }
            }
        }
    }
}
