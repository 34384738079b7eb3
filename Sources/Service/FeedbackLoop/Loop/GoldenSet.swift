import Contracts
import DurableFiles
import Values

/// Messages with the answer they must get, from the file that the operator names; never trained on.
enum GoldenSet {
    private struct Line: Decodable {
        var messages: [TrainingExample.Message]
        var answer: String
    }

    /// The examples of a file with a JSON object `{"messages": […], "answer": "…"}` a line; none where no file is named.
    ///
    /// - Throws: where a named file cannot be read or a line is no example, with file and line: a gate without its golden
    ///   set judges nothing.
    static func examples(path: String) throws -> [TrainingExample] {
        guard !path.isEmpty else { return [] }
        let bytes: [UInt8]
        do {
            bytes = try DurableFiles.read(path)
        } catch {
            throw LoopFault("the golden set \(path): \(error)")
        }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return try lines.enumerated().filter { !$0.element.isEmpty }.map { index, bytes in
            let line: Line
            do {
                line = try StrictJSON.decode(Line.self, parsing: Array(bytes))
            } catch {
                throw LoopFault("the golden set \(path), line \(index + 1): \(error)")
            }
            return TrainingExample(
                record: "golden:\(index + 1)", unit: "golden:\(index + 1)", messages: line.messages,
                answer: line.answer, weight: 1, desirable: true)
        }
    }
}
