import FeedbackLoop
import Traffic
import Values

/// One request through the gateway, on its way into the log.
struct GatewayTurn: Sendable {
    var deployment: String
    var request: ChatCompletionRequest
    var choice: ArmChoice
    /// As the client names them; the edge makes pseudonyms of them.
    var unit: String?
    var conversation: String?
    /// Wall time at which the request arrived.
    var time: Timestamp
    /// The same on the clock that only goes forward, in seconds.
    var started: Double
    var identifier: String
    var firstByteSeconds: Double?
    var status: Int?
    var error: String?

    init(
        deployment: String, request: ChatCompletionRequest, choice: ArmChoice, unit: String?, conversation: String?,
        time: Timestamp, started: Double, identifier: String
    ) {
        self.unit = unit
        self.conversation = conversation
        self.deployment = deployment
        self.request = request
        self.choice = choice
        self.time = time
        self.started = started
        self.identifier = identifier
    }

    /// The row as the edge takes it.
    func interaction(_ answer: ChatCompletionAnswer?, finished: Double) -> Interaction {
        var messages = request.messages
        if answer?.isPlainText == false || !request.isTeachable {
            // What the log cannot teach from is marked: a message of parts never becomes a training row.
            messages = messages.map { message in
                guard case .text(let text) = message.content else { return message }
                return Message(role: message.role, content: .parts(.array([.object(Self.part(text))])))
            }
        }
        return Interaction(
            id: identifier, deployment: deployment, time: time, unit: unit, conversation: conversation,
            messages: messages, response: error == nil ? answer?.text ?? "" : nil, error: error,
            adapter: choice.arm.servedName, latencyMilliseconds: (finished - started) * 1000,
            timeToFirstTokenMilliseconds: firstByteSeconds.map { $0 * 1000 }, promptTokens: answer?.promptTokens,
            completionTokens: answer?.completionTokens, logProbability: answer?.meanLogProbability, metadata: nil)
    }

    private static func part(_ text: String) -> JSONObject {
        JSONObject([
            .init(name: "type", value: .string("text")), .init(name: "text", value: .string(text)),
        ])
    }
}
