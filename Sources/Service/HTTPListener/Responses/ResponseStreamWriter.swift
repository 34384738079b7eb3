import HummingbirdCore
package import NIOCore

/// Writes a streamed answer. Each write suspends until the kernel has taken it; it throws when the client has left or
/// has taken nothing for the write deadline.
package struct ResponseStreamWriter: Sendable {
    private let exchange: Exchange

    /// - Throws: where a middleware has put another writer around the listener's.
    init(_ writer: any ResponseBodyWriter) throws {
        guard let writer = writer as? Exchange.Writer else { throw Exchange.Failure.foreignWriter }
        exchange = writer.exchange
    }

    package func write(_ buffer: ByteBuffer) async throws {
        try await exchange.write(buffer)
    }

    package func write(_ bytes: [UInt8]) async throws {
        try await exchange.write(ByteBuffer(bytes: bytes))
    }

    package func write(_ text: String) async throws {
        try await exchange.write(ByteBuffer(string: text))
    }
}
