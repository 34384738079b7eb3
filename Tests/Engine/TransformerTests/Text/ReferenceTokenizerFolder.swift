import Foundation
import Testing
import Values

/// A folder of `$RETUNED_REFERENCE/tokenizers`: a tokenizer.json, or where it is to be found, and cases.
struct ReferenceTokenizerFolder: Sendable, CustomTestStringConvertible {
    let path: String
    var name: String { String(path.split(separator: "/").last ?? "") }
    var testDescription: String { name }

    static let root =
        (ProcessInfo.processInfo.environment["RETUNED_REFERENCE"] ?? "../shared/reference") + "/tokenizers"

    static var all: [ReferenceTokenizerFolder] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return names.sorted().map { ReferenceTokenizerFolder(path: "\(root)/\($0)") }.filter { folder in
            (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) != nil
        }
    }

    enum Source {
        case file(String)
        /// The file has to be made first; the reason says how.
        case missing(String)
        case unknown
    }

    /// Where tokenizer.json is: here, where `source.txt` says, or in a folder that the environment names.
    var source: Source {
        let environment = ProcessInfo.processInfo.environment
        let own = "\(path)/tokenizer.json"
        if FileManager.default.fileExists(atPath: own) { return .file(own) }
        guard let text = try? String(contentsOfFile: "\(path)/source.txt", encoding: .utf8) else { return .unknown }
        let told = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if told.hasPrefix("written by") {
            guard let folder = environment["RETUNED_\(name.uppercased())"] else {
                return .missing("set RETUNED_\(name.uppercased()) to the folder \(told)")
            }
            return .file("\(folder)/tokenizer.json")
        }
        let models = environment["RETUNED_MODELS"] ?? "../shared/models"
        for candidate in ["\(path)/\(told)", "\(models)/\(name)/tokenizer.json"]
        where FileManager.default.fileExists(atPath: candidate) {
            return .file(candidate)
        }
        return .missing("\(told) is not there")
    }

    var cases: [JSONValue] {
        get throws {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(path)/cases.jsonl"))
            return try data.split(separator: 0x0A).map { try JSONValue(parsing: [UInt8]($0)) }
        }
    }

    var hasConversations: Bool { (try? cases.first)?["chat_ids"] != nil }
}
