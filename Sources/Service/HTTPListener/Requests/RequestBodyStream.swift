package import NIOCore

/// A request's body as a sequence of pieces, decompressed and limited.
///
/// Decompression happens in the reader's task, at most 64 KiB of output a step, and only when the reader asks: a bomb
/// costs no more memory than the limit of whoever reads it, and never the thread that serves the other connections.
package struct RequestBodyStream: AsyncSequence, Sendable {
    let source: RequestBodySource
    let limit: Int

    /// Reads the body once, piece by piece; throws a `Problem` where it is too large, of an unknown encoding or
    /// damaged.
    package struct AsyncIterator: AsyncIteratorProtocol {
        private let source: RequestBodySource
        private let limit: Int
        private var sent = 0
        private var produced = 0
        private var inflater: GzipInflater?
        private var compressed = ByteBuffer()
        private var isStarted = false

        init(source: RequestBodySource, limit: Int) {
            self.source = source
            self.limit = limit
        }

        package mutating func next() async throws -> ByteBuffer? {
            if !isStarted { try start() }
            guard let inflater else { return try await nextAsSent() }
            while true {
                if compressed.readableBytes == 0 {
                    guard let piece = try await nextAsSent() else {
                        guard inflater.isBetweenMembers else { throw Self.truncated }
                        return nil
                    }
                    compressed = piece
                }
                let piece = try inflater.inflate(&compressed)
                produced += piece.readableBytes
                guard produced <= limit else { throw Problem.contentTooLarge(limitBytes: limit) }
                if piece.readableBytes > 0 { return piece }
            }
        }

        private mutating func start() throws(Problem) {
            isStarted = true
            switch source.encoding {
            case nil, "", "identity": break
            case "gzip", "x-gzip": if !source.isAtEnd { inflater = try GzipInflater() }
            case .some(let encoding): throw .unsupportedEncoding(String(encoding.prefix(40)))
            }
            if let declared = source.declaredBytes, declared > limit { throw .contentTooLarge(limitBytes: limit) }
        }

        private mutating func nextAsSent() async throws -> ByteBuffer? {
            guard let piece = try await source.next() else { return nil }
            sent += piece.readableBytes
            guard sent <= limit else { throw Problem.contentTooLarge(limitBytes: limit) }
            return piece
        }

        private static let truncated = Problem.badRequest(
            "The gzip data of the body ends too early; send it whole, with its check sum.")
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(source: source, limit: limit)
    }
}
