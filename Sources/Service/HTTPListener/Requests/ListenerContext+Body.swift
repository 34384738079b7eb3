package import NIOCore

extension ListenerContext {
    /// The whole body, decompressed where it was sent as gzip.
    ///
    /// - Parameter limit: most bytes, as sent and decompressed; `nil`: the listener's `bodyBytes`.
    /// - Throws: ``Problem`` 413 where it is larger (before any of it is read where the head already tells), 415 for
    ///   another encoding than gzip, 400 for broken gzip, 408 where it comes too slowly.
    package func collectBody(limit: Int? = nil) async throws -> ByteBuffer {
        var pieces = stream(limit: limit).makeAsyncIterator()
        guard var result = try await pieces.next() else { return ByteBuffer() }
        while var piece = try await pieces.next() { result.writeBuffer(&piece) }
        return result
    }

    /// The body piece by piece (at most 64 KiB each), decompressed, with the limit and errors of
    /// ``collectBody(limit:)``. A body can be read once; a second stream continues where the first stopped.
    package func stream(limit: Int? = nil) -> RequestBodyStream {
        RequestBodyStream(source: body, limit: limit ?? body.defaultLimit)
    }
}
