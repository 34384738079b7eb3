import Foundation
import Values

/// Where messages come from: a folder laid out as the README of the data describes, or the project's own sample.
struct TrafficSource: Sendable {
    enum Split: String, Sendable { case train, dev, test }

    private let folder: String?

    /// - Parameter folder: empty for the project's own sample.
    init(folder: String) {
        self.folder = folder.isEmpty ? nil : folder
    }

    var isSample: Bool { folder == nil }

    /// What the base was made for.
    var referenceDomains: [String] { isSample ? SampleTraffic.referenceDomains : ["clinc150", "airline", "fastfood"] }
    var defaultShift: String { isSample ? SampleTraffic.shiftDomains[0] : "finance" }
    var defaultNext: String { isSample ? SampleTraffic.shiftDomains[1] : "insurance" }

    func messages(_ domains: [String], _ split: Split) throws -> [TrafficMessage] {
        try domains.flatMap { try messages($0, split) }
    }

    /// One domain: `$DATA/multidogo/NAME-SPLIT.jsonl.gz` or `$DATA/NAME/SPLIT.jsonl.gz` (`val` is `dev` by another name, and
    /// may be missing); requests that are marked as out of scope are left out.
    func messages(_ domain: String, _ split: Split) throws -> [TrafficMessage] {
        guard let folder else { return try SampleTraffic.messages(domain, split) }
        let names = split == .dev ? ["dev", "val"] : [split.rawValue]
        let paths = names.flatMap { ["multidogo/\(domain)-\($0)", "\(domain)/\($0)"] }.flatMap {
            ["\(folder)/\($0).jsonl.gz", "\(folder)/\($0).jsonl"]
        }
        guard let path = paths.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            if split == .dev { return [] }
            throw DemoFailure(
                "no traffic named \(domain): none of \(paths.joined(separator: ", ")) is there (several names are separated by spaces)"
            )
        }
        return try GzipLines.read(path).enumerated().compactMap { number, line in
            let value = try JSONValue(parsing: line)
            guard let query = value["query"]?.stringValue, let intent = value["intent"]?.stringValue else {
                throw DemoFailure("\(path), line \(number + 1): query or intent is missing")
            }
            if intent == "oos" || query.isEmpty { return nil }
            return TrafficMessage(query: query, intent: intent, domain: domain)
        }
    }
}
