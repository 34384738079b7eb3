import API
import Locking
import Store
import Traffic
import Values

/// One answer of a back end on its way through the gateway. It becomes one row of the log: when it has ended, when it
/// breaks off, or when nobody holds it any more because its reader left before it began.
final class GatewayAnswer: Sendable {
    private struct State {
        var reader: ChatCompletionReader
        var status = 200
        var firstByte: Double?
        var isWritten = false
        var id: String?
    }

    private let log: GatewayLog
    private let uptimeSeconds: @Sendable () -> Double
    private let began: Double
    private let row: Interaction
    private let enrolments: Enrolments
    private let isTeachable: Bool
    private let state: Locked<State>

    /// - Parameter row: what is known before the answer.
    init(
        row: Interaction, enrolments: Enrolments, isTeachable: Bool, began: Double, log: GatewayLog,
        uptimeSeconds: @escaping @Sendable () -> Double
    ) {
        self.row = row
        self.enrolments = enrolments
        self.isTeachable = isTeachable
        self.began = began
        self.log = log
        self.uptimeSeconds = uptimeSeconds
        state = Locked(State(reader: ChatCompletionReader(contentType: nil)))
    }

    deinit { end(error: nil) }

    func begin(status: Int, contentType: String?) {
        state.withLock { state in
            state.status = status
            state.reader = ChatCompletionReader(contentType: contentType)
        }
    }

    func take(_ bytes: [UInt8]) {
        let now = uptimeSeconds()
        state.withLock { state in
            if state.firstByte == nil { state.firstByte = now }
            state.reader.append(bytes)
        }
    }

    /// The id that the answer gives itself, as far as it was read.
    var ownID: String? {
        state.withLock { state in
            if let id = state.reader.id { return id }
            var reader = state.reader
            return reader.finish().id
        }
    }

    func name(_ id: String) {
        state.withLock { $0.id = id }
    }

    /// Writes the row, once.
    ///
    /// - Parameters:
    ///   - error: why the answer has no end; nil where it ended or its reader left.
    ///   - isWhole: its last byte has come.
    func end(error: String?, isWhole: Bool = false) {
        let taken = state.withLock { state -> State? in
            guard !state.isWritten, state.id != nil else { return nil }
            state.isWritten = true
            return state
        }
        guard var taken, let id = taken.id else { return }
        let answer = taken.reader.finish()
        var row = self.row
        row.id = id
        row.latencyMilliseconds = (uptimeSeconds() - began) * 1000
        row.timeToFirstTokenMilliseconds = taken.firstByte.map { ($0 - began) * 1000 }
        row.promptTokens = answer.promptTokens
        row.completionTokens = answer.completionTokens
        row.logProbability = answer.meanLogProbability
        if let error {
            row.error = error
        } else if let error = answer.error {
            row.error = error
        } else if !(200..<300).contains(taken.status) {
            row.error = "the back end answered \(taken.status)"
        } else if isWhole, !answer.hasChoice, !answer.isTooLong {
            row.error = "the back end's answer is no chat completion"
        } else {
            row.response = answer.text
            if !isTeachable || !answer.isPlainText { Self.keepFromTeaching(&row) }
        }
        log.write(row, enrolments: enrolments)
    }

    /// A conversation whose last message is written as parts is kept and never taught from.
    private static func keepFromTeaching(_ row: inout Interaction) {
        guard let last = row.messages.indices.last, case .text(let text) = row.messages[last].content else { return }
        row.messages[last].content = .parts([["type": "text", "text": .string(text)]])
    }
}
