import Foundation
import Values

/// The file that the deployment names as its golden set.
enum SimulatedGolden: Sendable {
    case none, missing
    case text(String)
    case rows([(text: String, answer: String)])

    var rows: [(text: String, answer: String)] {
        if case .rows(let rows) = self { return rows }
        return []
    }

    /// Writes the file and returns its name; an empty one where there is to be none.
    func write(in folder: String) throws -> String {
        let path = "\(folder)/golden.jsonl"
        switch self {
        case .none: return ""
        case .missing: break
        case .text(let text): try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        case .rows(let rows):
            let lines = rows.map { row -> JSONValue in
                ["messages": [["role": "user", "content": .string(row.text)]], "answer": .string(row.answer)]
            }
            try Data(lines.flatMap { $0.serialized + [0x0A] }).write(to: URL(fileURLWithPath: path))
        }
        return path
    }
}
