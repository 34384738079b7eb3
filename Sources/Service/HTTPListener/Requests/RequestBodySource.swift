import HTTPTypes
import Locking
import NIOCore
import NIOHTTP1

/// The body of the request being answered, as it comes from the connection. Read by one task at a time.
final class RequestBodySource: Sendable {
    private struct State {
        var isAtEnd: Bool
        var wantsContinue: Bool
        var received = 0
    }

    let defaultLimit: Int
    /// `Content-Length`, where the request has one.
    let declaredBytes: Int?
    let encoding: String?
    private let connection: Connection
    private let hasBody: Bool
    private let state: Locked<State>

    init(connection: Connection, head: HTTPRequest, hasBody: Bool, wantsContinue: Bool, defaultLimit: Int) {
        self.connection = connection
        self.defaultLimit = defaultLimit
        declaredBytes = head.headerFields[.contentLength].flatMap { Int($0) }
        encoding = head.headerFields[.contentEncoding]?.lowercased()
        self.hasBody = hasBody
        state = Locked(State(isAtEnd: !hasBody, wantsContinue: wantsContinue))
    }

    var isAtEnd: Bool { state.withLock { $0.isAtEnd } }

    /// Whether the client waits for `100 Continue` and has not got it: it may never send its body.
    var isHeldBack: Bool { state.withLock { $0.wantsContinue && !$0.isAtEnd } }

    /// Bytes of the body still to come, where the head told.
    var remainingBytes: Int? {
        declaredBytes.map { declared in declared - state.withLock { $0.received } }
    }

    /// Takes the end part of a request without body.
    func skip() async throws {
        guard !hasBody else { return }
        if case .body = try await connection.next() { throw RequestFailure.clientLeft }
    }

    /// The next piece as sent; `nil` at the end.
    func next() async throws -> ByteBuffer? {
        let (isAtEnd, sendContinue) = state.withLock { state in
            defer { state.wantsContinue = false }
            return (state.isAtEnd, state.wantsContinue)
        }
        if isAtEnd { return nil }
        if sendContinue { try await connection.writeContinue() }
        switch try await connection.next() {
        case .body(let piece):
            state.withLock { $0.received += piece.readableBytes }
            return piece
        case .end:
            state.withLock { $0.isAtEnd = true }
            return nil
        case .head, nil:
            throw RequestFailure.clientLeft
        }
    }
}
