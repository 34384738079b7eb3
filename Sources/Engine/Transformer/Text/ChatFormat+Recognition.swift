extension ChatFormat {
    /// Recognises the program of a chat template.
    ///
    /// It goes by what a program writes (control tokens, a system message of its own) and refuses a program that does
    /// something beside it that would change the text: a wrong template is worse than none.
    /// - Throws: `TokenizerError` that says what is known.
    package init(recognising template: String) throws(TokenizerError) {
        let template = template.replacingLineBreakEscapes
        if template.contains("<|im_start|>"), template.contains("<|im_end|>") {
            self = try Self.chatML(template)
        } else if template.contains("<|start_header_id|>"), template.contains("<|eot_id|>") {
            guard template.contains("trim") else {
                throw Self.unknown("a variety of llama3 that does not trim messages")
            }
            if template.contains("Cutting Knowledge Date: December 2023") {
                guard template.contains("26 Jul 2024") else {
                    throw Self.unknown("a variety of llama3.1 with a date of its own")
                }
                self = .llama31
            } else {
                self = .llama3
            }
        } else if template.contains("[INST]") {
            self = try Self.mistral(template)
        } else {
            throw Self.unknown("none of the known formats")
        }
    }

    private static func unknown(_ what: String) -> TokenizerError {
        TokenizerError(
            "chat_template",
            "is \(what); known are \(named.map(\.name).joined(separator: ", ")). Name the one that the model was "
                + "trained with, if it is one of them")
    }

    private static func chatML(_ template: String) throws(TokenizerError) -> ChatFormat {
        for word in ["<think>", "reasoning_content", "trim", "strip("] where template.contains(word) {
            throw unknown("a variety of chatml that uses \(word)")
        }
        // Every message must end in a line break: `'<|im_end|>' + '\n'`, `<|im_end|>\n`.
        let parts = template.split(after: "<|im_end|>")
        for part in parts.dropFirst() {
            let glue: Set<Character> = ["'", "\"", "+", " ", "~", "}", "{", "-"]
            guard let next = part.first(where: { !glue.contains($0) }), next == "\n" else {
                throw unknown("a variety of chatml that does not end messages with a line break")
            }
        }
        return .chatML(defaultSystem: defaultSystem(template), beginning: template.contains("bos_token"))
    }

    /// The literal message between `<|im_start|>system\n` and `<|im_end|>`, where the program has one.
    private static func defaultSystem(_ template: String) -> String? {
        for part in template.split(after: "<|im_start|>system\n").dropFirst() {
            let parts = part.split(after: "<|im_end|>")
            guard let message = parts.first, parts.count > 1, !message.isEmpty,
                !message.contains(where: { "'\"{}+".contains($0) })
            else { continue }
            return String(message)
        }
        return nil
    }

    private static func mistral(_ template: String) throws(TokenizerError) -> ChatFormat {
        if template.contains("[SYSTEM_PROMPT]") {
            guard template.contains("[/SYSTEM_PROMPT]"), !template.contains("[THINK]") else {
                throw unknown("a variety of mistral-v7")
            }
            return .mistral7(spaces: template.contains("[SYSTEM_PROMPT] "))
        }
        guard template.contains("[AVAILABLE_TOOLS]"), !template.contains(" [INST]") else {
            throw unknown(
                "mistral-v1 or llama2, whose marks [INST] are plain text that a message can imitate")
        }
        return .mistral3(spaces: !template.contains("\"[INST]\""))
    }
}

extension String {
    /// Jinja's `\n` inside a literal as the line break it is.
    fileprivate var replacingLineBreakEscapes: String {
        var result = ""
        var isEscaped = false
        for character in self {
            if isEscaped {
                result += character == "n" ? "\n" : "\\\(character)"
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return isEscaped ? result + "\\" : result
    }

}

extension StringProtocol {
    /// The parts between the occurrences of `mark`.
    fileprivate func split(after mark: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = Substring(self)
        while let range = rest.firstRange(of: mark) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        parts.append(rest)
        return parts
    }
}
