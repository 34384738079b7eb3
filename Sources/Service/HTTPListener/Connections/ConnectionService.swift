import HTTPTypes
import Hummingbird
import Locking
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Answers the requests of connections, one after the other on each.
struct ConnectionService: Sendable {
    let configuration: ListenerConfiguration
    let responder: any HTTPResponder<ListenerContext>
    let observer: ListenerObserver
    let logger: Logger
    let date: DateField
    let numbers = Locked(0)

    /// A body left unread that is no longer than this is read away so that the connection can be kept.
    private static let drainBytes = 64 * 1024

    /// Serves `connection` to its end. Cancelling closes it.
    func serve(_ connection: Connection) async {
        // A task of its own, because a route may ask that it be cancelled when the client leaves.
        let task = Task {
            do {
                while let part = try await connection.next() {
                    guard case .head(let head) = part else { break }
                    let closing = await answer(head, of: connection)
                    if let closing {
                        switch closing {
                        case .lingering: await connection.linger()
                        case .atOnce: break
                        }
                        break
                    }
                    if connection.isQuiescing { break }
                }
            } catch RequestFailure.refused(let problem) {
                // Not even a head could be read.
                await refuse(problem, on: connection)
            } catch {
                // The client left within a head.
            }
            await connection.close()
        }
        connection.presence.answered(by: task)
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            connection.abort()
            task.cancel()
        }
    }

    private enum Closing {
        case atOnce
        case lingering
    }

    /// Answers one request; `nil` where the connection can be kept.
    private func answer(_ head: HTTPRequestHead, of connection: Connection) async -> Closing? {
        let start = NIODeadline.now()
        let identifier = nextIdentifier()
        let request: HTTPRequest
        let hasBody: Bool
        do throws(Problem) {
            (request, hasBody) = try checked(head)
        } catch {
            await refuse(error, on: connection)
            return .lingering
        }
        let expectation = head.headers.first(name: "expect")
        let body = RequestBodySource(
            connection: connection, head: request, hasBody: hasBody,
            wantsContinue: head.expectsContinue,
            defaultLimit: configuration.limits.bodyBytes)
        var logger = logger
        logger[metadataKey: "request"] = "\(identifier)"
        let peer = forwardedPeer(of: request, through: connection.peer)
        let context = ListenerContext(
            source: .init(
                logger: logger, identifier: identifier, peer: peer, body: body, presence: connection.presence))
        let incoming = Request(
            head: request,
            body: RequestBody(asyncSequence: RequestBodyStream(source: body, limit: body.defaultLimit)))

        var response: Response
        if let expectation, expectation.lowercased() != "100-continue" {
            response =
                Problem(
                    status: .expectationFailed, detail: "Only Expect: 100-continue is known here.", headers: [:]
                ).response
        } else {
            response = await respond(to: incoming, context: context)
        }
        if !hasBody { await readEnd(of: body) }
        let closing = closing(after: head, body: body, connection: connection)
        addFields(to: &response, closing: closing != nil, date: date.value)
        let exchange = Exchange(
            connection: connection, head: response.head, bodyAllowed: request.method != .head,
            chunksAllowed: head.version.minor >= 1)
        let isComplete = await send(response, by: exchange, request: request, context: context)
        if isComplete, closing == nil { await drain(body) }
        let bytes = await connection.answered()
        let route = context.endpointPath.flatMap { $0 == RoutesResponder.noRoute ? nil : $0 }
        observer.requestFinished(
            .init(
                identifier: identifier, peer: peer, method: request.method, route: route,
                status: exchange.hasBegun ? response.status.code : nil, isComplete: isComplete,
                seconds: Double((NIODeadline.now() - start).nanoseconds) / 1e9, bytesReceived: bytes.received,
                bytesSent: bytes.sent))
        if !isComplete { return .atOnce }
        if let closing { return closing }
        // What was left of the body did not come in time, or too much of it.
        return connection.hasFailed || !body.isAtEnd ? .lingering : nil
    }

    private func respond(to request: Request, context: ListenerContext) async -> Response {
        do {
            let response = try await responder.respond(to: request, context: context)
            // An error without words, of Hummingbird's own making.
            if response.status.code >= 400, response.body.contentLength == 0, request.method != .head {
                return Problem(status: response.status, detail: nil, headers: response.headers).response
            }
            return response
        } catch {
            return Problem.answer(to: error, context: context).response
        }
    }

    /// Sends the answer; false where the client has not got all of it.
    private func send(
        _ response: Response, by exchange: Exchange, request: HTTPRequest, context: ListenerContext
    ) async -> Bool {
        do {
            if request.method == .head {
                try await exchange.finish(nil)
            } else {
                if response.body.contentLength == nil { try await exchange.flushHead() }
                try await response.body.write(Exchange.Writer(exchange: exchange))
                guard exchange.isFinished else { throw Exchange.Failure.notFinished }
            }
            return true
        } catch let failure as Exchange.Failure {
            context.logger.error("A route wrote a broken answer", metadata: ["reason": "\(failure)"])
        } catch {
            context.logger.debug("The answer could not be sent to its end", metadata: ["reason": "\(error)"])
        }
        return false
    }

    private func addFields(to response: inout Response, closing: Bool, date: String) {
        response.headers[.date] = date
        response.headers[.server] = configuration.serverName
        if closing { response.headers[.connection] = "close" }
    }

    /// Whether, and how, the connection ends after this answer.
    private func closing(after head: HTTPRequestHead, body: RequestBodySource, connection: Connection) -> Closing? {
        if connection.hasFailed { return .lingering }
        if !body.isAtEnd {
            if body.isHeldBack { return .lingering }
            guard let remaining = body.remainingBytes, remaining <= Self.drainBytes else { return .lingering }
        }
        return head.isKeepAlive && !connection.isQuiescing ? nil : body.isAtEnd ? .atOnce : .lingering
    }

    /// Takes the end part of a request without body from the connection.
    private func readEnd(of body: RequestBodySource) async {
        try? await body.skip()
    }

    /// Reads away what a route left of a body.
    private func drain(_ body: RequestBodySource) async {
        var drained = 0
        while !body.isAtEnd, drained <= Self.drainBytes, let piece = try? await body.next() {
            drained += piece.readableBytes
        }
    }

    /// Answers a request that cannot be understood.
    private func refuse(_ problem: Problem, on connection: Connection) async {
        var response = problem.response
        addFields(to: &response, closing: true, date: date.value)
        let exchange = Exchange(connection: connection, head: response.head, bodyAllowed: true, chunksAllowed: false)
        do {
            try await response.body.write(Exchange.Writer(exchange: exchange))
            await connection.linger()
        } catch {
            connection.abort()
        }
    }

    private func nextIdentifier() -> String {
        let number = numbers.withLock { number in
            number += 1
            return number
        }
        return configuration.requestIdentifierPrefix + String(number)
    }

    /// Checks what the decoder does not: one Host (RFC 9112, 3.2), plain chunked framing, a convertible head.
    private func checked(_ head: HTTPRequestHead) throws(Problem) -> (HTTPRequest, hasBody: Bool) {
        guard head.version.major == 1 else {
            throw .init(status: .httpVersionNotSupported, detail: "Use HTTP/1.1.", headers: [:])
        }
        let hosts = head.headers["host"].count
        guard hosts == 1 || (hosts == 0 && head.version.minor == 0) else {
            throw .badRequest("A request must have exactly one Host field; this one has \(hosts).")
        }
        let encodings = head.headers["transfer-encoding"]
        let lengths = head.headers["content-length"]
        if !encodings.isEmpty {
            guard encodings.count == 1, encodings[0].lowercased() == "chunked", head.version.minor >= 1 else {
                throw .badRequest("The only transfer encoding known here is chunked, in HTTP/1.1.")
            }
            guard lengths.isEmpty else {
                throw .badRequest("A request cannot have both Content-Length and Transfer-Encoding.")
            }
        }
        guard lengths.count <= 1 else { throw .badRequest("A request can have only one Content-Length.") }
        do {
            let request = try HTTPRequest(head, secure: false, splitCookie: false)
            return (request, !encodings.isEmpty || (lengths.first.map { $0 != "0" } ?? false))
        } catch {
            throw .badRequest("The request's line or fields cannot be understood.")
        }
    }

    private func forwardedPeer(of request: HTTPRequest, through peer: Peer) -> Peer {
        guard configuration.trustsForwardedFor, case .tcp = peer, let name = HTTPField.Name("X-Forwarded-For"),
            let last = request.headerFields[values: name].last?.split(separator: ",").last
        else { return peer }
        let address = String(last.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        guard (try? SocketAddress(ipAddress: address, port: 0)) != nil else { return peer }
        return .tcp(address: address)
    }
}

extension HTTPRequestHead {
    /// Whether the client waits for `100 Continue` before it sends its body (RFC 9110, 10.1.1).
    var expectsContinue: Bool {
        headers.first(name: "expect")?.lowercased() == "100-continue" && version.minor >= 1
    }
}
