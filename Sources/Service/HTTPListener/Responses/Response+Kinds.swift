package import HTTPTypes
package import Hummingbird
import NIOCore

extension Response {
    /// An answer in JSON; `bytes` is the text.
    package static func json(
        _ bytes: [UInt8], status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        data(bytes, contentType: "application/json", status: status, headers: headers)
    }

    package static func text(
        _ text: String, contentType: String = "text/plain; charset=utf-8", status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) -> Response {
        data(Array(text.utf8), contentType: contentType, status: status, headers: headers)
    }

    package static func data(
        _ bytes: [UInt8], contentType: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = contentType
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// An answer that is written piece by piece. Each write suspends until the kernel has taken it. The stream is
    /// finished when `write` returns; when it throws, the connection is cut, so that the client sees it.
    package static func stream(
        contentType: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:],
        _ write: @escaping @Sendable (ResponseStreamWriter) async throws -> Void
    ) -> Response {
        var headers = headers
        headers[.contentType] = contentType
        return Response(
            status: status, headers: headers,
            body: ResponseBody { writer in
                try await write(ResponseStreamWriter(writer))
                try await writer.finish(nil)
            })
    }

    /// A stream of server-sent events (WHATWG HTML, 9.2).
    package static func eventStream(
        status: HTTPResponse.Status = .ok, headers: HTTPFields = [:],
        _ write: @escaping @Sendable (EventStreamWriter) async throws -> Void
    ) -> Response {
        var headers = headers
        headers[.cacheControl] = "no-store"
        return stream(contentType: "text/event-stream", status: status, headers: headers) { writer in
            try await write(EventStreamWriter(writer: writer))
        }
    }
}
