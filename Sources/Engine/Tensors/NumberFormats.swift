import CKernels

/// Number formats of checkpoint files.
package enum NumberFormat: String, Sendable, CaseIterable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"

    package var bytes: Int { self == .float32 ? 4 : 2 }
}

extension Matrix {
    /// Converts 16-bit numbers in the order of this (contiguous) matrix.
    func convert(_ words: UnsafeMutableRawPointer?, format: NumberFormat) {
        guard let words = unsafe words, count > 0 else { return }
        let values = unsafe words.assumingMemoryBound(to: UInt16.self)
        if format == .bfloat16 {
            unsafe ck_from_bfloat16(count, values, pointer)
        } else {
            unsafe ck_from_float16(count, values, pointer)
        }
    }

    /// The numbers rounded to bfloat16 (to nearest, ties to even), as little-endian bytes.
    package var bfloat16Bytes: [UInt8] {
        let source = isContiguous ? self : copy()
        var words = [UInt16](repeating: 0, count: count)
        unsafe words.withUnsafeMutableBufferPointer { words in
            unsafe ck_to_bfloat16(source.count, source.pointer, words.baseAddress)
        }
        return unsafe words.withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
