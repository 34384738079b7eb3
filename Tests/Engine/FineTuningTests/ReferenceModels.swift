import FoundationEssentials
import Tensors
import Transformer

/// The folders of `$RETUNED_REFERENCE/models`: what transformers and peft compute on small checkpoints.
struct ReferenceModels {
    /// Folders that are of a kind this engine knowingly does not support; anything else that fails to load is a failure.
    static let unsupported: Set<String> = []

    static let root =
        (ProcessInfo.processInfo.environment["RETUNED_REFERENCE"] ?? "../shared/reference") + "/models"

    static let folders: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return names.sorted().map { root + "/" + $0 }.filter {
            FileManager.default.fileExists(atPath: $0 + "/config.json")
        }.filter { !unsupported.contains(String($0.split(separator: "/").last ?? "")) }
    }()

    static var arePresent: Bool { !folders.isEmpty }

    let folder: String
    let model: Model
    let expected: SafetensorsFile
    let loraExpected: SafetensorsFile
    /// The sequences without their padding, and for each the number of its row in the expected arrays.
    let sequences: [ScoredSequence]
    let length: Int

    init(_ folder: String) throws {
        self.folder = folder
        model = try Model.load(folder: folder)
        expected = try SafetensorsFile(path: folder + "/expected.safetensors")
        loraExpected = try SafetensorsFile(path: folder + "/lora_expected.safetensors")
        let ids = try expected.integers("input_ids")
        let mask = try expected.integers("attention_mask")
        let labels = try expected.integers("labels")
        let shape = expected.tensors["input_ids"]?.shape ?? [0, 0]
        length = shape[1]
        var tokens: [[Int32]] = []
        var scored: [[Bool]] = []
        for row in 0..<shape[0] {
            let places = (row * length..<(row + 1) * length).filter { mask[$0] != 0 }
            tokens.append(places.map { Int32(ids[$0]) })
            scored.append(places.enumerated().map { $0.offset > 0 && labels[$0.element] != -100 })
        }
        // The loss is the mean over all scored tokens.
        let weight = 1 / Float(scored.joined().count { $0 })
        sequences = zip(tokens, scored).map { tokens, scored in
            ScoredSequence(tokens: tokens, weights: scored.map { $0 ? weight : 0 })
        }
    }

    /// Rows of an expected `[B, T, n]` array that are no padding, in the order of a batch without a shared beginning.
    func withoutPadding(_ matrix: Matrix) -> Matrix {
        let rows = sequences.enumerated().flatMap { index, sequence in
            (0..<sequence.tokens.count).map { index * length + $0 }
        }
        let result = Matrix(rows: rows.count, columns: matrix.columns)
        for (index, row) in rows.enumerated() { result.assignRow(index, from: matrix, row: row) }
        return result
    }

    /// Largest difference between two matrices and largest magnitude in the second.
    static func difference(_ a: Matrix, _ b: Matrix) -> (difference: Float, magnitude: Float) {
        precondition(a.count == b.count)
        var difference: Float = 0
        var magnitude: Float = 0
        for (x, y) in zip(a.values, b.values) {
            difference = max(difference, x.isFinite ? abs(x - y) : .infinity)
            magnitude = max(magnitude, abs(y))
        }
        return (difference, magnitude)
    }

    /// Whether two float32 computations of the same thing agree: sums of up to some hundreds of products, in another
    /// order, each rounded at 6e-8, through three layers. 1e-4 of the largest magnitude is some ten times what is seen and
    /// far below what a wrong formula makes.
    static func agree(_ a: Matrix, _ b: Matrix, tolerance: Float = 1e-4) -> Bool {
        let (difference, magnitude) = difference(a, b)
        return difference <= tolerance * magnitude + 1e-7
    }
}
