import Glibc

/// A fixed run of floats, aligned to 64 bytes, not initialised.
///
/// The engine's numbers live in few large buffers; a `Matrix` is a view of a part of one. A buffer may be read by many
/// threads; who writes is agreed by the code that owns it (weights after load: nobody; scratch: the pass that took it),
/// which is why it is `@unchecked Sendable`.
@safe
package final class FloatBuffer: @unchecked Sendable {
    package let count: Int
    let base: UnsafeMutablePointer<Float>

    package init(count: Int) {
        precondition(count >= 0)
        self.count = count
        var pointer: UnsafeMutableRawPointer?
        let bytes = (max(count, 1) * MemoryLayout<Float>.stride + 63) / 64 * 64
        let status = unsafe posix_memalign(&pointer, 64, bytes)
        guard status == 0, let memory = unsafe pointer else {
            // As a failed allocation of the standard library ends: by SIGABRT, which whoever watches knows to be memory.
            let sentence = Array("no memory for a buffer of \(bytes) bytes; raise the memory limit\n".utf8)
            _ = unsafe sentence.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
            abort()
        }
        unsafe base = memory.bindMemory(to: Float.self, capacity: max(count, 1))
    }

    package convenience init(zeros count: Int) {
        self.init(count: count)
        unsafe base.update(repeating: 0, count: max(count, 1))
    }

    deinit {
        unsafe free(base)
    }
}
