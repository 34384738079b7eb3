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
}
