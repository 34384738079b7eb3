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
    package static var kernelName: String { "OpenBLAS \(coreName), kernels \(levelName)" }

    private static var coreName: String {
        unsafe openblas_get_corename().map { unsafe String(cString: $0) } ?? "unknown"
    }

    /// The kernel that OpenBLAS should have chosen, where it does not know this processor: it then takes one for the
    /// first 64-bit processors, a fifth as fast here (0.3.21 on Intel's Emerald Rapids). Nil where it chose well.
    ///
    /// OpenBLAS chooses when it is loaded, by `OPENBLAS_CORETYPE` where that is set: a process that is told another
    /// kernel starts again with it.
    package static var missedKernel: String? {
        guard ["Prescott", "Core2", "Generic", "Unknown"].contains(coreName) else { return nil }
        switch ck_best_level() {
        case 2: return ck_has_bfloat16_products() != 0 ? "Cooperlake" : "SkylakeX"
        case 1: return "Haswell"
        default: return nil
        }
    }

    package static var levelName: String { ["portable", "avx2", "avx512"][Int(ck_level())] }

    /// Levels of the small kernels that this processor can run, for tests.
    package static var levels: ClosedRange<Int> { 0...Int(ck_best_level()) }

    /// Forces a level of the small kernels on the calling thread, for tests; nil ends it.
    package static func force(level: Int?) {
        ck_force_level(Int32(level ?? -1))
    }
}
