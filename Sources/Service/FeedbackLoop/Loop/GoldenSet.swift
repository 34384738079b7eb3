import Contracts
import DurableFiles
import Values

/// Messages with the answer they must get, from the file that the operator names; never trained on.
enum GoldenSet {
    private struct Line: Decodable {
        var messages: [TrainingExample.Message]
        var answer: String
    }

    /// The examples of a file with a JSON object `{"messages": […], "answer": "…"}` a line; none without a file.
    static func examples(path: String) -> [TrainingExample] {
        guard !path.isEmpty, let bytes = try? DurableFiles.read(path) else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).enumerated().compactMap { index, line in
            guard let line = try? StrictJSON.decode(Line.self, parsing: Array(line)) else { return nil }
            return TrainingExample(
                record: "golden:\(index + 1)", unit: "golden:\(index + 1)", messages: line.messages,
                answer: line.answer, weight: 1, desirable: true)
        }
    }
}
