import CKernels

/// Number formats of checkpoint files.
package enum NumberFormat: String, Sendable, CaseIterable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"

    package var bytes: Int { self == .float32 ? 4 : 2 }
}

extension Matrix {
    /// Reads the numbers from the little-endian bytes of a file. The matrix is contiguous.
    package func read(_ bytes: UnsafeRawBufferPointer, format: NumberFormat) {
        precondition(isContiguous && bytes.count == count * format.bytes)
        guard let base = bytes.baseAddress, count > 0 else { return }
        if format == .float32 {
            unsafe UnsafeMutableRawPointer(pointer).copyMemory(from: base, byteCount: count * 4)
            return
        }
        // The file's offsets need not be even, and the kernels read whole 16-bit words.
        let aligned = UnsafeMutableRawPointer.allocate(byteCount: count * 2, alignment: 64)
        defer { unsafe aligned.deallocate() }
        unsafe aligned.copyMemory(from: base, byteCount: count * 2)
        let words = unsafe aligned.assumingMemoryBound(to: UInt16.self)
        if format == .bfloat16 {
            unsafe ck_from_bfloat16(count, words, pointer)
        } else {
            unsafe ck_from_float16(count, words, pointer)
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
