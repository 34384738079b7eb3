import FeedbackLoop
import Serving
import Logging
import Settings
import API
import HTTPListener
import HTTPTypes
import Hummingbird
import Locking
import OutboundHTTP
import Store
import Traffic
import Values

extension DaemonRoutes {
    var gatewayHandlers: [String: Handler] {
        [
            "POST /v1/chat/completions": { try await complete($0) },
            "GET /v1/models": { call in
                let models = context.deployments.filter { call.caller.may(see: $0.name) }.map {
                    ModelView(id: $0.name, object: "model", created: 0, ownedBy: "retuned")
                }
                return try .object(WireModelList(object: "list", data: models))
            },
        ]
    }

    /// Assigns the arm, forwards the body with only `model` replaced, passes the answer through as it comes, and logs it.
    private func complete(_ call: Call) async throws -> Response {
        let started = context.uptimeSeconds()
        let now = context.now()
        let body = try await call.body(limit: context.settings.limits.bodyBytes)
        let request: ChatCompletionRequest
        do {
            request = try ChatCompletionRequest(body: body)
        } catch {
            return try modelError(.badRequest, "\(error.detail)", type: "invalid_request_error")
        }
        guard let deployment = context.deployments.first(where: { $0.name == request.model }),
            call.caller.may(see: deployment.name)
        else {
            return try modelError(
                .notFound, "The model ‘\(request.model)’ does not exist; GET /v1/models lists the deployments.",
                type: "invalid_request_error", code: "model_not_found")
        }
        let unit = request.user ?? call.header("retuned-unit")
        let conversation = call.header("retuned-conversation")
        let choice = try await choose(deployment, unit: unit, conversation: conversation, at: now)
        var turn = GatewayTurn(
            deployment: deployment.name, request: request, choice: choice, unit: unit,
            conversation: conversation, time: now, started: started,
            identifier: context.identifier("chatcmpl-"))
        do {
            let answer = try await context.client.send(
                forwarded(request.body(body, withModel: choice.arm.servedName), call, to: deployment))
            return try await pass(answer, turn: turn, call: call)
        } catch let error as OutboundHTTPError {
            turn.error = "\(error)"
            _ = await log(turn, answer: nil)
            context.metrics.gateway(failed: true)
            let isDeadline = if case .timedOut = error { true } else { false }
            return try modelError(
                isDeadline ? .gatewayTimeout : .badGateway, "The serving back end does not answer: \(error)",
                type: "server_error", code: "backend_unreachable", identifier: turn.identifier)
        }
    }

    private func forwarded(_ body: [UInt8], _ call: Call, to deployment: ServedDeployment) -> OutboundRequest {
        var headers = HeaderFields()
        for field in call.request.headers where !Self.heldBack.contains(field.name.canonicalName) {
            headers.append(field.name.canonicalName, field.value)
        }
        headers["content-type"] = "application/json"
        let seconds = context.settings.limits.answerSeconds
        return deployment.address.request(
            method: "POST", path: "/v1/chat/completions", headers: headers, body: body,
            deadlines: OutboundRequest.Deadlines(connect: .seconds(2), total: .seconds(seconds)))
    }

    /// Header fields that are between the client and this daemon only.
    private static let heldBack: Set<String> = [
        "authorization", "x-api-key", "host", "content-length", "content-encoding", "transfer-encoding", "connection",
        "keep-alive", "expect", "te", "trailer", "upgrade", "retuned-unit", "retuned-conversation", "accept-encoding",
    ]

    /// Waits for the answer's first bytes, then passes everything through.
    private func pass(_ answer: OutboundResponse, turn: GatewayTurn, call: Call) async throws -> Response {
        var turn = turn
        let contentType = answer.headers["content-type"]
        var reader = ChatCompletionReader(contentType: contentType)
        var iterator = answer.body.makeAsyncIterator()
        var first: [UInt8] = []
        // Until the id is known; an answer that has none within the first 64 KiB gets the one of the header.
        while reader.id == nil, first.count < 65_536, let piece = try await iterator.next() {
            if turn.firstByteSeconds == nil { turn.firstByteSeconds = context.uptimeSeconds() - turn.started }
            first += piece
            reader.append(piece)
            if !turn.request.isStreamed { continue }
        }
        if let id = await usableIdentifier(reader, turn: turn) { turn.identifier = id }
        var headers = HTTPFields()
        for field in answer.headers.fields where !Self.heldBack.contains(field.name.lowercased()) {
            if let name = HTTPField.Name(field.name), name != .contentType {
                headers.append(.init(name: name, value: field.value))
            }
        }
        headers[.init("retuned-interaction")!] = turn.identifier
        headers[.init("retuned-adapter")!] = turn.choice.arm.servedName
        if context.metrics.isLogFull { headers[.init("retuned-logged")!] = "false" }
        turn.status = answer.status
        let state = Locked(GatewayStream(reader: reader, turn: turn))
        let start = first
        let body = answer.body
        return .stream(
            contentType: contentType ?? "application/json", status: .init(code: answer.status), headers: headers
        ) { writer in
            do {
                if !start.isEmpty { try await writer.write(start) }
                var iterator = body.makeAsyncIterator()
                while let piece = try await iterator.next() {
                    state.withLock { $0.reader.append(piece) }
                    try await writer.write(piece)
                }
                await finish(state, cut: nil)
            } catch {
                await finish(state, cut: "\(error)")
                throw error
            }
        }
    }

    /// The back end's id for the answer, unless it has none or one that was seen before.
    private func usableIdentifier(_ reader: ChatCompletionReader, turn: GatewayTurn) async -> String? {
        guard let id = reader.id, !id.isEmpty, id.utf8.count <= 200 else { return nil }
        let known = try? await context.store.interaction(deployment: turn.deployment, id: id)
        return known == nil ? id : nil
    }

    private func finish(_ state: Locked<GatewayStream>, cut: String?) async {
        var (turn, reader) = state.withLock { ($0.turn, $0.reader) }
        let answer = reader.finish()
        if let cut, answer.text.isEmpty { turn.error = "the answer was cut off: \(cut)" }
        if let status = turn.status, status >= 400 {
            turn.error = answer.error ?? "the serving back end answered \(status)"
        }
        context.metrics.gateway(failed: turn.error != nil)
        _ = await log(turn, answer: answer)
    }

    /// Stores the row; false where the log took nothing.
    private func log(_ turn: GatewayTurn, answer: ChatCompletionAnswer?) async -> Bool {
        let logged = edge.gatewayInteraction(
            turn.interaction(answer, finished: context.uptimeSeconds()), received: context.now())
        do {
            _ = try await context.store.append(
                [.interaction(logged)], mode: .partial, enrolments: turn.choice.enrolments)
            context.metrics.logFull(false)
            return true
        } catch {
            let isFull = if case StoreError.full = error { true } else { false }
            context.metrics.logFull(isFull)
            context.logger.warning("an interaction was not logged: \(error)")
            return false
        }
    }

    private func modelError(
        _ status: HTTPResponse.Status, _ message: String, type: String, code: String? = nil, identifier: String? = nil
    ) throws -> Response {
        var headers = HTTPFields()
        if let identifier { headers[.init("retuned-interaction")!] = identifier }
        return try .object(
            ModelError(error: ModelErrorDetail(message: message, type: type, code: code)), status: status,
            headers: headers)
    }
}

/// The reader and what is known of the turn while the answer passes by.
private struct GatewayStream: Sendable {
    var reader: ChatCompletionReader
    var turn: GatewayTurn
}

extension Call {
    func header(_ name: String) -> String? {
        guard let name = HTTPField.Name(name), let value = request.headers[name], !value.isEmpty else { return nil }
        return value
    }
}
