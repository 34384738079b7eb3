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

    @Test("docs/experiment-json.md names every field that the experiments' JSON has, and no other")
    func experimentJSON() throws {
        let text = try String(contentsOfFile: "docs/experiment-json.md", encoding: .utf8)
        var documented: [String: Set<String>] = [:]
        for section in text.split(separator: "\n### `").dropFirst() {
            let name = String(section.prefix { $0 != "`" })
            let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
            documented[name] = Set(
                rows.flatMap { row in
                    row.split(separator: "|")[0].split(separator: ",").map {
                        $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
                    }
                })
        }
        var fields: [String: Set<String>] = [:]
        for file in try SourceFile.all() {
            let isShown =
                file.path.contains("/API/Experiments/") || file.path.hasSuffix("/TermsView.swift")
                || file.path.contains("/retunectl/") && file.path.hasSuffix("View.swift")
            guard isShown else { continue }
            // A type within a type is indented, and its fields are indented more.
            var open: [(indent: Int, name: String)] = []
            for (_, line) in file.lines {
                let indent = line.prefix { $0 == " " }.count
                if let found = line.firstMatch(of: /package struct (\w+)/) {
                    open.removeAll { $0.indent >= indent }
                    open.append((indent, String(found.1)))
                } else if let found = line.wholeMatch(of: /\s*package var (\w+): [^{]*/),
                    let owner = open.last(where: { $0.indent < indent })
                {
                    if indent == owner.indent + 4 { fields[owner.name, default: []].insert(String(found.1)) }
                    if let outer = open.first, outer.indent + 4 == indent, outer.name != owner.name {
                        fields[outer.name, default: []].insert(String(found.1))
                    }
                }
            }
        }
        // Lists of lists, and traffic that no experiment has.
        for other in ["ExperimentList", "TrafficRow", "Score"] { fields[other] = nil }
        #expect(Set(documented.keys) == Set(fields.keys))
        for (name, documented) in documented { #expect(documented == fields[name], "\(name)") }
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
