import Glibc

/// A file that numbers are read from. Read with `pread`, not mapped: a file cut short while it is read is an error, not a
/// signal.
package final class InputFile {
    package let path: String
    package let size: Int
    private let descriptor: Int32

    /// What went wrong, in words.
    package struct Failure: Error, Sendable {
        package let reason: String

        package init(reason: String) {
            self.reason = reason
        }
    }

    package init(path: String) throws(Failure) {
        self.path = path
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(reason: "cannot be opened: \(Self.systemError())") }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Failure(reason: "is not a regular file")
        }
        size = Int(status.st_size)
    }

    deinit {
        close(descriptor)
    }

    private static func systemError() -> String {
        let number = errno
        return unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    }

    private func fill(_ memory: UnsafeMutableRawBufferPointer, from offset: Int) throws(Failure) {
        var done = 0
        while done < memory.count {
            let count = unsafe pread(
                descriptor, memory.baseAddress.map { unsafe $0 + done }, memory.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw Failure(
                    reason: count == 0
                        ? "ends at byte \(offset + done), before what it announces"
                        : "cannot be read: \(Self.systemError())")
            }
            done += count
        }
    }

    package func bytes(_ range: Range<Int>) throws(Failure) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: range.count)
        var failure: Failure?
        unsafe result.withUnsafeMutableBytes { memory in
            do throws(Failure) {
                unsafe try fill(memory, from: range.lowerBound)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return result
    }

    /// Reads little-endian numbers from an offset into a contiguous matrix.
    package func read(into matrix: Matrix, from offset: Int, format: NumberFormat) throws(Failure) {
        precondition(matrix.isContiguous)
        if format == .float32 {
            unsafe try fill(
                UnsafeMutableRawBufferPointer(start: matrix.pointer, count: matrix.count * 4), from: offset)
            return
        }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(2, matrix.count * 2), alignment: 64)
        defer { unsafe memory.deallocate() }
        let filled = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<(matrix.count * 2)])
        unsafe try fill(filled, from: offset)
        unsafe matrix.convert(filled.baseAddress, format: format)
    }
}
