import Glibc
import Tensors
import Testing

/// The kernels of every instruction set that this machine has, against double precision. A set is forced for the calling
/// thread, hence pools of one thread.
@Suite("Kernels against double precision")
struct KernelTests {
    private func eachLevel(_ body: (Int) throws -> Void) rethrows {
        for level in MatrixLibrary.levels {
            MatrixLibrary.force(level: level)
            defer { MatrixLibrary.force(level: nil) }
            try body(level)
        }
    }

    private func numbers(_ rows: Int, _ columns: Int, seed: UInt64, scale: Float = 1) -> Matrix {
        var state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
        let values = (0..<rows * columns).map { _ -> Float in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (Float(state >> 40) * 0x1p-23 - 1) * scale
        }
        return Matrix(rows: rows, columns: columns, values: values)
    }

    @Test func exponentialIsWithinFourHundredBillionths() {
        let x = Matrix(rows: 1, columns: 17_501, values: (0..<17_501).map { Float($0) / 100 - 87 })
        eachLevel { level in
            let y = Matrix(rows: 1, columns: x.columns)
            x.exponentials(into: y)
            var worst = 0.0
            for (argument, value) in zip(x.values, y.values) {
                let exact = exp(Double(argument))
                worst = max(worst, abs(Double(value) - exact) / exact)
            }
            // Stated bound of the kernel; the polynomial alone has 2e-7.
            #expect(worst < 4e-7, "level \(level): \(worst)")
        }
    }

    @Test func siluAndItsGradient() {
        let x = numbers(3, 37, seed: 1, scale: 8)
        eachLevel { level in
            let y = Matrix(rows: 3, columns: 37)
            x.silu(into: y)
            for (argument, value) in zip(x.values, y.values) {
                let exact = Double(argument) / (1 + exp(-Double(argument)))
                #expect(abs(Double(value) - exact) <= 1e-6 * max(1, abs(exact)), "level \(level)")
            }
        }
    }

    @Test func crossEntropyAndItsGradient() {
        let pool = ThreadPool(threads: 1)
        eachLevel { level in
            let x = numbers(5, 301, seed: 7, scale: 20)
            let exactRows = (0..<5).map { row in (0..<301).map { Double(x[row, $0]) } }
            let losses = Matrix(rows: 1, columns: 5)
            let targets: [Int32] = [0, 300, 17, 16, 150]
            let weights: [Float] = [1, 0.5, -2, 0, 3]
            pool.crossEntropy(x, targets: targets[...], weights: weights[...], into: losses)
            for row in 0..<5 {
                let top = exactRows[row].max() ?? 0
                let total = exactRows[row].reduce(0) { $0 + exp($1 - top) }
                let loss = log(total) + top - exactRows[row][Int(targets[row])]
                #expect(abs(Double(losses[0, row]) - loss) < 1e-5 * max(1, loss), "level \(level)")
                for column in 0..<301 {
                    let probability = exp(exactRows[row][column] - top) / total
                    let exact = Double(weights[row]) * (probability - (column == Int(targets[row]) ? 1 : 0))
                    #expect(abs(Double(x[row, column]) - exact) < 2e-6, "level \(level)")
                }
            }
        }
    }

    @Test func rootMeanSquareNorm() {
        let pool = ThreadPool(threads: 1)
        let x = numbers(4, 67, seed: 3)
        let weight = numbers(1, 67, seed: 4)
        eachLevel { level in
            let y = Matrix(rows: 4, columns: 67)
            let again = Matrix(rows: 4, columns: 67)
            let inverse = Matrix(rows: 1, columns: 4)
            pool.rmsNorm(x, weight: weight, epsilon: 1e-5, into: y, inverse: inverse)
            pool.rmsNormAgain(x, weight: weight, inverse: inverse, into: again)
            #expect(y.values == again.values)
            for row in 0..<4 {
                let mean = (0..<67).reduce(0.0) { $0 + Double(x[row, $1]) * Double(x[row, $1]) } / 67
                for column in 0..<67 {
                    let exact = Double(x[row, column]) / (mean + 1e-5).squareRoot() * Double(weight[0, column])
                    #expect(abs(Double(y[row, column]) - exact) < 1e-6, "level \(level)")
                }
            }
        }
    }

    @Test func halfPrecisionAndBfloat16() {
        // Every bfloat16 that is a number comes back as itself.
        let values = (0..<0x7F80).map { Float(bitPattern: UInt32($0) << 16) }
        let matrix = Matrix(rows: 1, columns: values.count, values: values)
        let bytes = matrix.bfloat16Bytes
        #expect(
            values.indices.allSatisfy {
                UInt32(bytes[2 * $0]) << 16 | UInt32(bytes[2 * $0 + 1]) << 24 == values[$0].bitPattern
            })
        // Ties go to the even neighbour.
        let tie = Matrix(rows: 1, columns: 2, values: [Float(bitPattern: 0x3F80_8000), Float(bitPattern: 0x3F81_8000)])
        #expect(tie.bfloat16Bytes == [0x80, 0x3F, 0x82, 0x3F])
    }

    @Test func productsAgreeWithPlainSums() {
        for threads in [1, 2, 3] {
            let pool = ThreadPool(threads: threads)
            for (m, n, k) in [(1, 70, 33), (5, 3, 2), (130, 50, 64), (48, 200, 90)] {
                for transposeFirst in [false, true] {
                    for transposeSecond in [false, true] {
                        let a = transposeFirst ? numbers(k, m, seed: 1) : numbers(m, k, seed: 1)
                        let b = transposeSecond ? numbers(n, k, seed: 2) : numbers(k, n, seed: 2)
                        // A view with a stride of its own, whose neighbours must stay as they are.
                        let frame = Matrix(rows: m, columns: n + 5)
                        frame.fill(1)
                        let c = frame.columns(2..<n + 2)
                        pool.multiply(
                            a, b, transposeFirst: transposeFirst, transposeSecond: transposeSecond, into: c, alpha: 2,
                            beta: 3)
                        var worst = 0.0
                        for row in 0..<m {
                            #expect(frame[row, 1] == 1 && frame[row, n + 2] == 1)
                            for column in 0..<n {
                                let exact = (0..<k).reduce(0.0) {
                                    let x = transposeFirst ? a[$1, row] : a[row, $1]
                                    let y = transposeSecond ? b[column, $1] : b[$1, column]
                                    return $0 + Double(x) * Double(y)
                                }
                                worst = max(worst, abs(Double(c[row, column]) - (2 * exact + 3)))
                            }
                        }
                        #expect(worst < 2e-5, "\(m)×\(n)×\(k) \(worst)")
                    }
                }
            }
        }
    }

    @Test func everyTaskRunsOnceHoweverManyCallers() async {
        let pool = ThreadPool(threads: 3)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for count in 0..<200 {
                        let hits = Matrix(rows: 2, columns: max(1, count))
                        pool.parallelFor(count) { index in
                            // A nested one runs on the calling thread, unless that was turned away from a pool that is
                            // free by now: then on several, so each task writes to its own place.
                            pool.parallelFor(2) { nested in hits[nested, index] += 1 }
                        }
                        if hits.values.contains(where: { $0 != (count == 0 ? 0 : 1) }) { return false }
                    }
                    return true
                }
            }
            for await passed in group { #expect(passed) }
        }
    }

    @Test func arenaGivesTheSameMemoryAgain() {
        let arena = Arena(blockSize: 100)
        _ = arena.matrix(3, 10)
        let mark = arena.mark
        let first = arena.matrix(20, 20)
        arena.rewind(to: mark)
        let second = arena.matrix(20, 20)
        first[0, 0] = 5
        #expect(second[0, 0] == 5)
        let bytes = arena.bytes
        arena.reset()
        _ = arena.matrix(3, 10)
        _ = arena.matrix(20, 20)
        #expect(arena.bytes == bytes)
    }
}
