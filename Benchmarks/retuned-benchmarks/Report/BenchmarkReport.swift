import Foundation

/// Rows of figures under one heading.
struct BenchmarkTable: Encodable {
    var title: String
    var columns: [String]
    var rows: [[String]] = []

    mutating func add(_ cells: String...) { rows.append(cells) }

    /// As Markdown, the way `docs/benchmarks.md` shows it.
    var markdown: String {
        let lines = [columns, columns.map { _ in "---" }] + rows
        return "\(title)\n\n" + lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }
}

/// What one benchmark says: printed as it comes, kept as JSON at the end.
final class BenchmarkReport {
    private struct Document: Encodable {
        var benchmark: String
        var machine: Machine
        var settings: [String: String]
        var tables: [BenchmarkTable]
    }

    private var document: Document

    init(_ name: String, threads: Int, settings: [String: String]) {
        document = Document(benchmark: name, machine: Machine(threads: threads), settings: settings, tables: [])
        print(document.machine.line)
        print(settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
    }

    func add(_ table: BenchmarkTable) {
        document.tables.append(table)
        print("\n\(table.markdown)")
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(document).write(to: URL(fileURLWithPath: path))
        print("\nwritten to \(path)")
    }
}
