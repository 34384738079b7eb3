import API
import FeedbackLoop
import HTTPListener
import HTTPTypes
import Hummingbird
import Locking
import Logging
import OutboundHTTP
import Serving
import Settings
import Store
import Traffic
import Values

/// `POST /v1/chat/completions`: assigns the arm, forwards the body, passes the answer on as it comes and logs it.
///
/// 1. The deployment is the request's `model`; its value alone is replaced by what the unit's arm is served by. Where the
///    back end says that it has no such adapter, the loop is told and the request is assigned and asked once more.
/// 2. The head of the answer waits for the first event (a stream) or the whole object, since the row's id is the
///    answer's own.
/// 3. Bytes go on as they come. The row is written behind the last one, with whatever was read where the caller left.
final class Gateway: Sendable {
    /// Most bytes of an answer that wait for its id.
    private static let heldBytes = 1 << 20
    private static let heldStreamBytes = 16 * 1024

    private let context: DaemonContext
    private let deployments: [String: ServedDeployment]
    private let assigner: ArmAssigner
    private let log: GatewayLog
    /// When a back end that does not answer was last warned of, by deployment: once in ten seconds is enough.
    private let warned = Locked<[String: Double]>([:])

    init(context: DaemonContext, assigner: ArmAssigner, log: GatewayLog) {
        self.context = context
        deployments = Dictionary(context.deployments.map { ($0.name, $0) }) { first, _ in first }
        self.assigner = assigner
        self.log = log
    }

    func models(_ call: Call) throws -> Response {
        let views = context.deployments.filter { call.caller.may(see: $0.name) }.map { deployment in
            ModelView(
                id: deployment.name, object: "model",
                created: Int(deployment.loop.view.state.serving.since.milliseconds / 1000), ownedBy: "retuned")
        }
        return try .object(WireModelList(object: "list", data: views))
    }

    func answer(_ call: Call) async throws -> Response {
        let began = context.uptimeSeconds()
        let time = context.now()
        let body = try await call.body(limit: context.settings.limits.bodyBytes)
        let request = try ChatCompletionRequest(
            body: body, limits: JSONLimits(maximumDepth: context.settings.limits.nesting))
        try call.caller.check(request.model)
        guard let deployment = deployments[request.model] else {
            throw ListenerProblem(
                .notFound, kind: "model_not_found", title: "The model is not known.",
                detail: "The model \(request.model) is no deployment here; GET /v1/models lists them.")
        }
        let unit = try name(call.request.headers[GatewayHeaders.unit] ?? request.user, of: "unit")
        let conversation = try name(call.request.headers[GatewayHeaders.conversation], of: "conversation")
        let question = Question(
            deployment: deployment, request: request, body: body, unit: unit, conversation: conversation, time: time,
            began: began, call: call)
        var asked = try await ask(question)
        if asked.response.status == 404, asked.adapter != deployment.settings.servedBaseName {
            asked = try await askAgain(question, insteadOf: asked)
        }
        return try await passOn(asked, of: question)
    }

    private func name(_ text: String?, of what: String) throws -> String? {
        guard let text, !text.isEmpty else { return nil }
        guard text.utf8.count <= TrafficLimits().unitBytes else {
            throw ListenerProblem(
                .badRequest, kind: "field-too-large", title: "A name is too long.",
                detail: "The \(what) has \(text.utf8.count) bytes; at most \(TrafficLimits().unitBytes) are taken.")
        }
        if let problem = PersonalName.problem(text) {
            throw ListenerProblem(
                .badRequest, kind: "field-invalid", title: "A field's value is not allowed.",
                detail: "The \(what) \(problem)")
        }
        return text
    }

    /// A request as it came.
    private struct Question {
        var deployment: ServedDeployment
        var request: ChatCompletionRequest
        var body: [UInt8]
        var unit: String?
        var conversation: String?
        var time: Timestamp
        var began: Double
        var call: Call
    }

    /// A request that the back end has begun to answer.
    private struct Asked {
        var assigned: ArmAssigner.Assigned
        var answer: GatewayAnswer
        var response: OutboundResponse
        var adapter: String { assigned.servedName }
    }

    private func ask(_ question: Question) async throws -> Asked {
        let deployment = question.deployment
        let assigned = try await assigner.assign(
            deployment, unit: question.unit, conversation: question.conversation, at: question.time)
        let row = Interaction(
            id: "", deployment: deployment.name, time: question.time, unit: question.unit,
            conversation: question.conversation, messages: question.request.messages, adapter: assigned.servedName)
        let answer = GatewayAnswer(
            row: row, enrolments: assigned.enrolments, isTeachable: question.request.isTeachable, began: question.began,
            log: log, uptimeSeconds: context.uptimeSeconds)
        let limit = Duration.seconds(context.settings.limits.answerSeconds)
        var headers = GatewayHeaders.forwarded(question.call.request.headers)
        if headers["content-type"] == nil { headers["content-type"] = "application/json" }
        let request = deployment.address.request(
            method: "POST", path: "/v1/chat/completions", headers: headers,
            body: question.request.body(question.body, withModel: assigned.servedName),
            deadlines: .init(connect: .seconds(5), total: limit, idle: limit))
        let client = context.client
        let sending = Task { try await client.send(request) }
        question.call.context.onClientLeft { sending.cancel() }
        do {
            return Asked(assigned: assigned, answer: answer, response: try await sending.value)
        } catch {
            throw await unanswered(
                error as? OutboundHTTPError, adapter: assigned.servedName, deployment: deployment.name, answer: answer)
        }
    }

    /// A server outside that began anew has lost its adapters and says so to whoever asks first. That is no answer of an
    /// arm: nothing of it is logged, and the request waits, as after a restart of the daemon, for what shall serve.
    private func askAgain(_ question: Question, insteadOf refused: Asked) async throws -> Asked {
        refused.response.body.cancel()
        assigner.takeBack(refused.assigned)
        if question.deployment.loop.serverLacks(refused.adapter, at: question.time) {
            context.logger.warning(
                "The serving back end has lost an adapter; it is loaded again",
                metadata: ["deployment": "\(question.deployment.name)", "adapter": "\(refused.adapter)"])
        }
        return try await ask(question)
    }

    private func passOn(_ asked: Asked, of question: Question) async throws -> Response {
        let (answer, response, adapter, deployment) = (
            asked.answer, asked.response, asked.adapter, question.deployment.name
        )
        answer.begin(status: response.status, contentType: response.headers["content-type"])
        question.call.context.onClientLeft { response.body.cancel() }
        let held: [[UInt8]]
        do {
            held = try await head(of: response, into: answer)
        } catch {
            throw await unanswered(
                error as? OutboundHTTPError, adapter: adapter, deployment: deployment, answer: answer)
        }
        let id = await log.claim(answer.ownID, deployment: deployment)
        answer.name(id)
        var fields = GatewayHeaders.returned(response.headers)
        fields[GatewayHeaders.interaction] = id
        fields[GatewayHeaders.adapter] = adapter
        if await !log.accepts() { fields[GatewayHeaders.logged] = "false" }
        context.metrics.countGateway(deployment: deployment, outcome: "answered")
        let contentType = fields[.contentType] ?? "application/octet-stream"
        return .stream(
            contentType: contentType, status: .init(code: response.status), headers: fields
        ) { writer in
            try await Self.pass(held, rest: response.body, to: writer, through: answer)
        }
    }

    /// Reads as much as the head has to wait for.
    private func head(of response: OutboundResponse, into answer: GatewayAnswer) async throws -> [[UInt8]] {
        let isStream = response.headers["content-type"]?.lowercased().hasPrefix("text/event-stream") ?? false
        var held: [[UInt8]] = []
        var count = 0
        var pieces = response.body.makeAsyncIterator()
        while count < (isStream ? Self.heldStreamBytes : Self.heldBytes), let piece = try await pieces.next() {
            answer.take(piece)
            held.append(piece)
            count += piece.count
            if isStream, answer.ownID != nil || Self.hasEvent(piece) { break }
        }
        return held
    }

    /// Whether a whole event with data is in a piece: one without an id, since none was found.
    private static func hasEvent(_ piece: [UInt8]) -> Bool {
        ["\n\n", "\r\r", "\r\n\r\n"].contains { piece.suffix($0.utf8.count).elementsEqual($0.utf8) }
            && String(decoding: piece, as: UTF8.self).contains("data:")
    }

    private static func pass(
        _ held: [[UInt8]], rest: OutboundHTTP.ResponseBody, to writer: ResponseStreamWriter,
        through answer: GatewayAnswer
    ) async throws {
        do {
            for piece in held { try await writer.write(piece) }
            while true {
                let next: [UInt8]?
                do {
                    var pieces = rest.makeAsyncIterator()
                    next = try await pieces.next()
                } catch {
                    let isOurs = if case .cancelled = error { true } else { false }
                    answer.end(error: isOurs ? nil : "the answer broke off: \(error)")
                    throw error
                }
                guard let piece = next else { break }
                answer.take(piece)
                try await writer.write(piece)
            }
            answer.end(error: nil, isWhole: true)
        } catch {
            rest.cancel()
            answer.end(error: nil)
            throw error
        }
    }

    /// The refusal where the back end did not answer, after its row was given to the log.
    private func unanswered(
        _ failure: OutboundHTTPError?, adapter: String, deployment: String, answer: GatewayAnswer
    ) async -> ListenerProblem {
        let hasLeft = if case .cancelled = failure { true } else { false }
        // Whom an answer is too slow for counts as unanswered: a candidate that is slower has more of them.
        let reason =
            hasLeft ? "the caller left before an answer came" : failure.map { "\($0)" } ?? "the request was given up"
        let id = await log.claim(nil, deployment: deployment)
        answer.name(id)
        answer.end(error: reason)
        context.metrics.countGateway(deployment: deployment, outcome: hasLeft ? "abandoned" : "failed")
        let now = context.uptimeSeconds()
        let isNews =
            !hasLeft
            && warned.withLock { warned in
                if let last = warned[deployment], now - last < 10 { return false }
                warned[deployment] = now
                return true
            }
        if isNews {
            context.logger.warning(
                "The serving back end did not answer", metadata: ["deployment": "\(deployment)", "reason": "\(reason)"])
        }
        var fields: HTTPFields = [GatewayHeaders.interaction: id, GatewayHeaders.adapter: adapter]
        if await !log.accepts() { fields[GatewayHeaders.logged] = "false" }
        let (status, kind): (HTTPResponse.Status, String) =
            switch failure {
            case .malformedResponse, .connectionLost, .responseTooLarge, .tls: (.badGateway, "bad_gateway")
            case .timedOut(_, .total, _), .timedOut(_, .idle, _): (.gatewayTimeout, "backend_timeout")
            default: (.serviceUnavailable, "backend_unavailable")
            }
        if status != .badGateway { fields[.retryAfter] = "5" }
        return ListenerProblem(
            status, kind: kind, title: "The serving back end did not answer.",
            detail: "The serving back end of \(deployment) gave no answer: \(reason). Try again in a moment; "
                + "logging and ratings go on.", headers: fields)
    }
}
