import CKernels
import COpenBLAS

/// The matrix library and the small kernels, by name.
package enum MatrixLibrary {
    /// OpenBLAS runs on the thread that calls it; the threads are ours.
    private static let prepared: Void = {
        openblas_set_num_threads(1)
    }()

    static func prepare() {
        _ = prepared
    }

    /// OpenBLAS's kernel and our own level, for example `OpenBLAS SkylakeX, kernels avx512`.
    package static var kernelName: String {
        let core = unsafe openblas_get_corename().map { unsafe String(cString: $0) } ?? "unknown"
        return "OpenBLAS \(core), kernels \(levelName)"
    }

    package static var levelName: String { ["portable", "avx2", "avx512"][Int(ck_level())] }

    /// Levels of the small kernels that this processor can run, for tests.
    package static var levels: ClosedRange<Int> { 0...Int(ck_best_level()) }

    /// Forces a level of the small kernels on the calling thread, for tests; nil ends it.
    package static func force(level: Int?) {
        ck_force_level(Int32(level ?? -1))
    }
}
