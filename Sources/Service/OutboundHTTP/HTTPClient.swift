import Locking

/// HTTP/1.1 requests through libcurl: one thread, kept connections, streamed answers.
///
/// 1. `send` hands a `Transfer` to the thread (`CurlThread`) and suspends. The thread sleeps in `curl_multi_poll` and is
///    woken for commands (start, resume, end), which wait in a locked array.
/// 2. libcurl's callbacks run on that thread. They put the head and the body's pieces into the transfer, under its lock,
///    and wake the task that waits for them.
/// 3. When 64 KiB wait for the reader, the write callback pauses the transfer; the reader resumes it at half.
/// 4. A cancelled task fails its transfer at once and has the thread take it away, which closes its connection.
///
/// The thread ends, and is joined, with `close()` or with the last reference to the client and its answers.
package final class HTTPClient: Sendable {
    private let thread: CurlThread

    package init(configuration: Configuration = Configuration()) {
        thread = CurlThread(configuration: configuration)
    }

    deinit { thread.close() }

    /// Sends `request` and returns when the head of the final answer has come. Any status is an answer, not an error.
    package func send(_ request: OutboundRequest) async throws(OutboundHTTPError) -> OutboundResponse {
        if let reason = request.refusal { throw .invalidRequest(url: request.redactedURL, reason: reason) }
        let transfer = Transfer(request: request)
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if transfer.awaitHead(continuation) { thread.command(.start(transfer)) }
            }
        } onCancel: {
            end(transfer)
        }
        let head = try outcome.get()
        return OutboundResponse(
            status: head.status, headers: head.headers, body: ResponseBody(transfer: transfer, client: self))
    }

    /// Sends `request` and collects its body, at most `maximumBytes`.
    package func fetch(
        _ request: OutboundRequest, upTo maximumBytes: Int = 1 << 20
    ) async throws(OutboundHTTPError) -> (status: Int, headers: HeaderFields, body: [UInt8]) {
        let response = try await send(request)
        return (response.status, response.headers, try await response.collect(upTo: maximumBytes))
    }

    /// Ends all transfers with `.cancelled` and the thread. Later requests fail with `.clientClosed`. Blocks until the
    /// thread has ended: milliseconds, or as long as a name look-up under way takes.
    package func close() {
        thread.close()
    }

    func nextChunk(of transfer: Transfer) async throws(OutboundHTTPError) -> [UInt8]? {
        if let ready = transfer.takeChunk() {
            if ready.resume { thread.command(.resume(transfer)) }
            return try ready.outcome.get()
        }
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if transfer.awaitChunk(continuation) { thread.command(.resume(transfer)) }
            }
        } onCancel: {
            end(transfer)
        }.get()
    }

    /// Ends a transfer that nobody will read on.
    func abandon(_ transfer: Transfer) {
        end(transfer)
    }

    private func end(_ transfer: Transfer) {
        if transfer.finish(.failure(.cancelled(url: transfer.request.redactedURL))) {
            thread.command(.end(transfer))
        }
    }
}

extension HTTPClient {
    /// What holds for all requests of one client; the rest stands in each `OutboundRequest`.
    package struct Configuration: Sendable {
        /// Connections at once to one host and port; further requests wait for one.
        package var maximumConnectionsPerHost: Int
        /// Idle connections kept for reuse.
        package var maximumKeptConnections: Int
        /// Sent as `User-Agent` where a request has none.
        package var userAgent: String

        package init(
            maximumConnectionsPerHost: Int = 256, maximumKeptConnections: Int = 128, userAgent: String = "retuned"
        ) {
            self.maximumConnectionsPerHost = maximumConnectionsPerHost
            self.maximumKeptConnections = maximumKeptConnections
            self.userAgent = userAgent
        }
    }
}
