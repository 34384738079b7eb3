/// The bytes of an answer as they come, for one reader.
///
/// At most 64 KiB wait here for the reader; then the transfer is paused, and the sender with it. Whoever drops the body
/// before its end ends the transfer and its connection.
package struct ResponseBody: AsyncSequence, Sendable {
    /// A piece of the body, as long as the transfer had it ready.
    package typealias Element = [UInt8]
    /// What reading throws when the transfer ends before the body does.
    package typealias Failure = OutboundHTTPError

    private let reader: Reader

    init(transfer: Transfer, client: HTTPClient) {
        reader = Reader(transfer: transfer, client: client)
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(reader: reader)
    }

    /// Takes the pieces that have not been taken; all iterators of one body share its place.
    package struct AsyncIterator: AsyncIteratorProtocol {
        let reader: Reader

        package mutating func next() async throws(OutboundHTTPError) -> [UInt8]? {
            try await reader.next()
        }

        package mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(OutboundHTTPError) -> [UInt8]? {
            try await reader.next()
        }
    }

    /// The whole body; throws `.responseTooLarge` beyond `maximumBytes` and ends the transfer.
    package func collect(upTo maximumBytes: Int) async throws(OutboundHTTPError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let chunk = try await reader.next() {
            guard bytes.count + chunk.count <= maximumBytes else {
                reader.abandon()
                throw .responseTooLarge(url: reader.url, maximumBytes: maximumBytes)
            }
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
        }
        return bytes
    }

    /// The first `maximumBytes` of the body; the rest is not read, and the transfer ends.
    package func prefix(bytes maximumBytes: Int) async throws(OutboundHTTPError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < maximumBytes, let chunk = try await reader.next() {
            bytes += chunk.prefix(maximumBytes - bytes.count)
        }
        reader.abandon()
        return bytes
    }

    /// Ends the transfer unless it has ended. Bytes that have come stay readable until `.cancelled` is thrown.
    package func cancel() {
        reader.abandon()
    }

    /// Holds the client, so that its thread lives as long as an answer is read.
    final class Reader: Sendable {
        let transfer: Transfer
        let client: HTTPClient

        init(transfer: Transfer, client: HTTPClient) {
            self.transfer = transfer
            self.client = client
        }

        deinit { client.abandon(transfer) }

        var url: String { transfer.request.redactedURL }

        func next() async throws(OutboundHTTPError) -> [UInt8]? {
            try await client.nextChunk(of: transfer)
        }

        func abandon() {
            client.abandon(transfer)
        }
    }
}
