import Glibc
import Tensors

/// Cosines and sines of the rotary position embedding (Su et al., arXiv 2104.09864), halves rotated against each other
/// as Hugging Face's checkpoints expect.
struct RotaryAngles: Sendable {
    private let frequencies: [Float]
    /// Angles of the first positions, made once.
    private let cosines: Matrix
    private let sines: Matrix

    init(configuration: ModelConfiguration) {
        let half = configuration.headSize / 2
        frequencies = (0..<half).map { index in
            let exponent = Float(2 * index) / Float(configuration.headSize)
            let plain = Float(1 / pow(configuration.rotaryBase, Double(exponent)))
            return Self.scaled(plain, by: configuration.rotaryScaling)
        }
        let known = max(1, min(configuration.maximumPositions, 4096))
        cosines = Matrix(rows: known, columns: half)
        sines = Matrix(rows: known, columns: half)
        for position in 0..<known {
            Self.write(frequencies, position: position, row: position, cosines: cosines, sines: sines)
        }
    }

    /// One frequency after the configuration's scaling; the llama3 rule is the published model's.
    private static func scaled(_ frequency: Float, by scaling: ModelConfiguration.RotaryScaling) -> Float {
        switch scaling {
        case .none:
            return frequency
        case .linear(let factor):
            return frequency / Float(factor)
        case .llama3(let factor, let low, let high, let original):
            let wavelength = 2 * Float.pi / frequency
            if wavelength > Float(Double(original) / low) { return frequency / Float(factor) }
            if wavelength < Float(Double(original) / high) { return frequency }
            let blend = (Float(original) / wavelength - Float(low)) / Float(high - low)
            return (1 - blend) * frequency / Float(factor) + blend * frequency
        }
    }

    private static func write(_ frequencies: [Float], position: Int, row: Int, cosines: Matrix, sines: Matrix) {
        for (column, frequency) in frequencies.enumerated() {
            let angle = Float(position) * frequency
            cosines[row, column] = cosf(angle)
            sines[row, column] = sinf(angle)
        }
    }

    /// Writes the angles of one position to a row.
    func fill(row: Int, position: Int, cosines: Matrix, sines: Matrix) {
        if position < self.cosines.rows {
            cosines.assignRow(row, from: self.cosines, row: position)
            sines.assignRow(row, from: self.sines, row: position)
        } else {
            Self.write(frequencies, position: position, row: row, cosines: cosines, sines: sines)
        }
    }
}
