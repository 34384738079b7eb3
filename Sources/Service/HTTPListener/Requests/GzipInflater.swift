import CZlib
import NIOCore

/// Inflates gzip piece by piece. Used by one task at a time.
@safe
final class GzipInflater {
    private let handle: OpaquePointer
    /// Whether a member has ended, or none has begun: the only places where the data may end.
    private(set) var isBetweenMembers = false

    static let pieceBytes = 64 * 1024

    init() throws(Problem) {
        guard let handle = unsafe zlib_inflater_make() else {
            throw .unavailable("There is no memory to decompress the body.", retryAfterSeconds: 5)
        }
        unsafe self.handle = handle
    }

    deinit {
        unsafe zlib_inflater_free(handle)
    }

    /// Consumes from `input` and returns at most `pieceBytes` of output; empty where more input is needed.
    func inflate(_ input: inout ByteBuffer) throws(Problem) -> ByteBuffer {
        var output = ByteBuffer()
        var consumed = 0
        var status = ZLIB_MORE
        unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.pieceBytes) { room in
            unsafe input.withUnsafeReadableBytes { bytes in
                var produced = 0
                status = unsafe zlib_inflater_run(
                    handle, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, &consumed,
                    room.baseAddress?.assumingMemoryBound(to: UInt8.self), min(room.count, Self.pieceBytes), &produced)
                return produced
            }
        }
        input.moveReaderIndex(forwardBy: consumed)
        switch status {
        case ZLIB_DONE: isBetweenMembers = true
        case ZLIB_MORE: isBetweenMembers = false
        default:
            throw .badRequest("The body is said to be gzip (Content-Encoding) and is not, or it is damaged.")
        }
        return output
    }
}
