import Tensors
package import Values

/// Small JSON files of a checkpoint folder.
package enum JSONFile {
    /// Longest file read, in bytes.
    private static let largest = 64 << 20

    package static func read(_ path: String) throws(CheckpointError) -> JSONValue {
        let bytes: [UInt8]
        do throws(InputFile.Failure) {
            let file = try InputFile(path: path)
            guard file.size <= largest else {
                throw InputFile.Failure(reason: "has \(file.size) bytes; at most \(largest) are read")
            }
            bytes = try file.bytes(0..<file.size)
        } catch {
            throw CheckpointError(file: path, reason: error.reason)
        }
        do throws(JSONSyntaxError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw CheckpointError(file: path, reason: "is not valid JSON: \(error)")
        }
    }
}
