import Foundation
import Values

/// Tokenizer and chat template of a checkpoint folder.
package enum TextFiles {
    /// Reads `tokenizer.json`.
    /// - Throws: `TokenizerError`.
    package static func tokenizer(in folder: String) throws(TokenizerError) -> Tokenizer {
        guard let bytes = contents("tokenizer.json", in: folder) else {
            throw TokenizerError(
                "\(folder)/tokenizer.json", "cannot be read; checkpoints need a tokenizer in Hugging Face's format")
        }
        do {
            return try Tokenizer(parsing: bytes)
        } catch {
            throw TokenizerError("\(folder)/\(error.place)", error.reason)
        }
    }

    /// Makes the chat template of a checkpoint.
    ///
    /// The program stands in `chat_template.jinja` or in `tokenizer_config.json` (as a string, or as a list of named
    /// ones of which `default` counts); the BOS token in `tokenizer_config.json`; end-of-sequence tokens in
    /// `generation_config.json`, `config.json` and `tokenizer_config.json`, all of which count.
    /// - Parameter name: the format's name where the operator says it; nil or `auto` to recognise it.
    /// - Throws: `TokenizerError`.
    package static func chatTemplate(
        in folder: String, tokenizer: Tokenizer, name: String? = nil
    ) throws(TokenizerError) -> ChatTemplate {
        let configuration = try json("tokenizer_config.json", in: folder) ?? .object(JSONObject())
        let program = try program(in: folder, configuration: configuration)
        var format: ChatFormat
        if let name, name != "auto" {
            guard let known = ChatFormat.named.first(where: { $0.name == name }) else {
                let names = ChatFormat.named.map(\.name).joined(separator: ", ")
                throw TokenizerError("chat template", "\(name) is not known; known are \(names)")
            }
            format = known.format
            // The checkpoint's own variety of the format that was named (a default system message) stays.
            if let program, let own = try? ChatFormat(recognising: program), own.name == name { format = own }
        } else if let program {
            format = try ChatFormat(recognising: program)
        } else {
            throw TokenizerError(
                "\(folder)/tokenizer_config.json", "has no chat_template, and there is no chat_template.jinja")
        }
        var ends: Set<Int> = []
        for file in ["generation_config.json", "config.json"] {
            let value = try json(file, in: folder)?["eos_token_id"]
            for id in value?.arrayValue ?? [value].compactMap(\.self) {
                if let id = id.intValue { ends.insert(id) }
            }
        }
        if let text = tokenText(configuration["eos_token"]), let id = tokenizer.id(ofToken: text) { ends.insert(id) }
        return try ChatTemplate(
            format, tokenizer: tokenizer, beginningToken: tokenText(configuration["bos_token"]), endTokens: ends)
    }

    private static func program(in folder: String, configuration: JSONValue) throws(TokenizerError) -> String? {
        if let bytes = contents("chat_template.jinja", in: folder) { return String(decoding: bytes, as: UTF8.self) }
        switch configuration["chat_template"] {
        case .string(let program): return program
        case .array(let named):
            return named.first { $0["name"]?.stringValue == "default" }?["template"]?.stringValue
        default: return nil
        }
    }

    /// A token as a string, or as an object with `content`.
    private static func tokenText(_ value: JSONValue?) -> String? {
        value?.stringValue ?? value?["content"]?.stringValue
    }

    private static func contents(_ name: String, in folder: String) -> [UInt8]? {
        FileManager.default.contents(atPath: "\(folder)/\(name)").map { [UInt8]($0) }
    }

    private static func json(_ name: String, in folder: String) throws(TokenizerError) -> JSONValue? {
        guard let bytes = contents(name, in: folder) else { return nil }
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw TokenizerError("\(folder)/\(name)", "is no JSON text: \(error)")
        }
    }
}
