import HTTPTypes
import HummingbirdCore
import Locking
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// The answer to one request on its way out: frames it, counts it, keeps the head back until the first byte.
final class Exchange: Sendable {
    /// Why an answer could not be completed. The connection is closed, so that the client sees it cut, not short.
    enum Failure: Error {
        case lengthMismatch
        case notFinished
        case foreignWriter
    }

    private struct State {
        var head: HTTPResponseHead?
        var declared: Int?
        var written = 0
        /// The last piece of an answer of known length, kept back to leave in one write with the end.
        var held: ByteBuffer?
        var isFinished = false
    }

    private let connection: Connection
    private let isChunked: Bool
    private let state: Locked<State>

    static let pieceBytes = 64 * 1024

    /// - Parameters:
    ///   - bodyAllowed: not for HEAD.
    ///   - chunksAllowed: not for HTTP/1.0, where the end of the connection ends the body.
    init(connection: Connection, head: HTTPResponse, bodyAllowed: Bool, chunksAllowed: Bool) {
        var fields = head.headerFields
        let code = head.status.code
        let mayHaveLength = code >= 200 && code != 204 && code != 304
        if !mayHaveLength { fields[.contentLength] = nil }
        let declared = fields[.contentLength].flatMap { Int($0) }
        isChunked = chunksAllowed && bodyAllowed && mayHaveLength && declared == nil
        fields[.transferEncoding] = isChunked ? "chunked" : nil
        var head = head
        head.headerFields = fields
        self.connection = connection
        state = Locked(
            State(head: HTTPResponseHead(head), declared: bodyAllowed && mayHaveLength ? declared : nil))
    }

    var hasBegun: Bool { state.withLock { $0.head == nil } }
    var isFinished: Bool { state.withLock { $0.isFinished } }

    func write(_ buffer: ByteBuffer) async throws {
        var rest = buffer
        while let piece = rest.readSlice(length: min(rest.readableBytes, Self.pieceBytes)), piece.readableBytes > 0 {
            let parts = try state.withLock { state -> [HTTPServerResponsePart] in
                state.written += piece.readableBytes
                if let declared = state.declared {
                    guard state.written <= declared else { throw Failure.lengthMismatch }
                    if state.written == declared {
                        state.held = piece
                        return []
                    }
                }
                return Self.takeHead(&state) + [.body(.byteBuffer(piece))]
            }
            if !parts.isEmpty { try await connection.write(parts) }
        }
    }

    /// Sends the head alone, so that a client of a stream sees it before the first event.
    func flushHead() async throws {
        let parts = state.withLock { Self.takeHead(&$0) }
        if !parts.isEmpty { try await connection.write(parts) }
    }

    func finish(_ trailers: HTTPFields?) async throws {
        let parts = try state.withLock { state -> [HTTPServerResponsePart] in
            guard !state.isFinished else { return [] }
            if let declared = state.declared, state.written != declared { throw Failure.lengthMismatch }
            state.isFinished = true
            let held = state.held.map { [HTTPServerResponsePart.body(.byteBuffer($0))] } ?? []
            return Self.takeHead(&state) + held + [.end(isChunked ? trailers.map { HTTPHeaders($0) } : nil)]
        }
        if !parts.isEmpty { try await connection.write(parts) }
    }

    private static func takeHead(_ state: inout State) -> [HTTPServerResponsePart] {
        defer { state.head = nil }
        return state.head.map { [.head($0)] } ?? []
    }

    /// The face that Hummingbird's response bodies write to.
    struct Writer: ResponseBodyWriter {
        let exchange: Exchange

        func write(_ buffer: ByteBuffer) async throws {
            try await exchange.write(buffer)
        }

        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
            try await exchange.finish(trailingHeaders)
        }
    }
}
