/// The well-known ways of writing a conversation for a model.
///
/// Templates are Jinja programs; this build does not run them, but knows these by the text of the program. A format
/// gives the conversation as control tokens and text between them, so that what people wrote never becomes a control
/// token.
package enum ChatFormat: Equatable, Sendable {
    /// `<|im_start|>role\ncontent<|im_end|>\n`, after a system message of the template's own where there is none.
    case chatML(defaultSystem: String?, beginning: Bool)
    /// `<|start_header_id|>role<|end_header_id|>\n\ncontent<|eot_id|>`, content trimmed, after the BOS token.
    case llama3
    /// Llama 3's with a system message always, which begins with the dates that the template of Llama 3.1 names.
    /// (Llama 3.2's asks for today's date and falls back on the same one; a fixed date keeps answers reproducible.)
    case llama31
    /// `[INST] user[/INST] assistant</s>`; the system message stands before the last user message. With `spaces`
    /// false (Tekken), no space follows a control token.
    case mistral3(spaces: Bool)
    /// `[SYSTEM_PROMPT] system[/SYSTEM_PROMPT][INST] user[/INST] assistant</s>`.
    case mistral7(spaces: Bool)

    /// A part of a written conversation: a control token, which becomes one token id, or text, in which no control
    /// token is recognised.
    package enum Piece: Equatable, Sendable {
        case control(String)
        case text(String)
    }

    /// The formats by the names that a job's `template` and error messages use.
    package static let named: [(name: String, format: ChatFormat)] = [
        ("chatml", .chatML(defaultSystem: nil, beginning: false)),
        ("llama3", .llama3),
        ("llama3.1", .llama31),
        ("mistral-v3", .mistral3(spaces: true)),
        ("mistral-v3-tekken", .mistral3(spaces: false)),
        ("mistral-v7", .mistral7(spaces: true)),
        ("mistral-v7-tekken", .mistral7(spaces: false)),
    ]

    package var name: String {
        switch self {
        case .chatML: "chatml"
        case .llama3: "llama3"
        case .llama31: "llama3.1"
        case .mistral3(let spaces): spaces ? "mistral-v3" : "mistral-v3-tekken"
        case .mistral7(let spaces): spaces ? "mistral-v7" : "mistral-v7-tekken"
        }
    }

    /// The control token after an answer.
    var endMarker: String {
        switch self {
        case .chatML: "<|im_end|>"
        case .llama3, .llama31: "<|eot_id|>"
        case .mistral3, .mistral7: "</s>"
        }
    }

    /// Every control token that the format writes, BOS apart.
    var controlTokens: [String] {
        switch self {
        case .chatML: ["<|im_start|>", "<|im_end|>"]
        case .llama3, .llama31: ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
        case .mistral3: ["[INST]", "[/INST]", "</s>"]
        case .mistral7: ["[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[INST]", "[/INST]", "</s>"]
        }
    }

    /// Whether the BOS token stands before the conversation.
    var writesBeginning: Bool {
        if case .chatML(_, let beginning) = self { beginning } else { true }
    }

    /// How an answer's text is written after the generation prompt.
    func answerText(_ answer: String) -> String {
        switch self {
        case .mistral3(spaces: true), .mistral7(spaces: true): " " + answer
        default: answer
        }
    }
}

extension ChatFormat {
    /// The conversation as pieces, without the BOS token.
    /// - Throws: `TokenizerError` where the format cannot write a message's role or the order of roles.
    package func pieces(
        _ messages: [ChatMessage], addingGenerationPrompt: Bool
    ) throws(TokenizerError) -> [Piece] {
        switch self {
        case .chatML(let defaultSystem, _):
            return chatML(messages, defaultSystem: defaultSystem, addingGenerationPrompt)
        case .llama3:
            return llama3(messages, addingGenerationPrompt)
        case .llama31:
            let given = messages.first?.role == "system" ? messages[0].content.trimmed : ""
            let dates = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n"
            let rest = messages.first?.role == "system" ? messages.dropFirst() : messages[...]
            // The whole is not trimmed: with no system message the dates end in an empty line.
            return [
                .control("<|start_header_id|>"), .text("system"), .control("<|end_header_id|>"),
                .text("\n\n" + dates + given), .control("<|eot_id|>"),
            ] + llama3(Array(rest), addingGenerationPrompt)
        case .mistral3(let spaces), .mistral7(let spaces):
            return try mistral(messages, spaces: spaces)
        }
    }

    private func chatML(
        _ messages: [ChatMessage], defaultSystem: String?, _ addingGenerationPrompt: Bool
    ) -> [Piece] {
        var messages = messages
        if let defaultSystem, messages.first?.role != "system" {
            messages.insert(ChatMessage(role: "system", content: defaultSystem), at: 0)
        }
        var pieces: [Piece] = []
        for message in messages {
            pieces += [
                .control("<|im_start|>"), .text("\(message.role)\n\(message.content)"), .control("<|im_end|>"),
                .text("\n"),
            ]
        }
        if addingGenerationPrompt { pieces += [.control("<|im_start|>"), .text("assistant\n")] }
        return pieces
    }

    private func llama3(_ messages: [ChatMessage], _ addingGenerationPrompt: Bool) -> [Piece] {
        var pieces: [Piece] = []
        for message in messages {
            pieces += [
                .control("<|start_header_id|>"), .text(message.role), .control("<|end_header_id|>"),
                .text("\n\n" + message.content.trimmed), .control("<|eot_id|>"),
            ]
        }
        if addingGenerationPrompt {
            pieces += [
                .control("<|start_header_id|>"), .text("assistant"), .control("<|end_header_id|>"), .text("\n\n"),
            ]
        }
        return pieces
    }

    /// Mistral's templates have no generation prompt: an answer follows a user message.
    private func mistral(_ messages: [ChatMessage], spaces: Bool) throws(TokenizerError) -> [Piece] {
        let space = spaces ? " " : ""
        var pieces: [Piece] = []
        var rest = messages[...]
        var system: String?
        if let first = rest.first, first.role == "system" {
            rest = rest.dropFirst()
            if case .mistral7 = self {
                pieces += [
                    .control("[SYSTEM_PROMPT]"), .text(space + first.content), .control("[/SYSTEM_PROMPT]"),
                ]
            } else {
                system = first.content
            }
        }
        for (index, message) in rest.enumerated() {
            let isUser = index % 2 == 0
            guard message.role == (isUser ? "user" : "assistant") else {
                throw TokenizerError(
                    "messages[\(messages.count - rest.count + index)].role",
                    "\(name) takes an optional system message, then user and assistant in turn, and this is "
                        + message.role)
            }
            if isUser {
                let isLast = index == rest.count - 1
                let before = isLast ? system.map { $0 + "\n\n" } ?? "" : ""
                pieces += [.control("[INST]"), .text(space + before + message.content), .control("[/INST]")]
            } else {
                pieces += [.text(space + message.content), .control("</s>")]
            }
        }
        return pieces
    }
}

extension String {
    /// Without white space at both ends, as Jinja's `trim`.
    fileprivate var trimmed: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
