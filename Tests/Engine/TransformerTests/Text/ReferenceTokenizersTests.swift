import Foundation
import Testing
import Transformer
import Values

/// Ids, tokens and decodings of the `tokenizers` library, exactly, for every folder that is found.
@Suite(
    "ReferenceTokenizers", .enabled(if: !ReferenceTokenizerFolder.all.isEmpty, "RETUNED_REFERENCE has no tokenizers"))
struct ReferenceTokenizersTests {
    /// Folders of a kind that this build refuses, by name. Others must pass.
    static let unsupported: Set<String> = []

    /// Cancels one case of a test, and says so: of cases the test run does not.
    private static func leaveOut(_ folder: ReferenceTokenizerFolder, _ why: String) throws -> Never {
        print("➜ Case \(folder.name) of ReferenceTokenizers left out: \(why)")
        try Test.cancel("\(folder.name): \(why)")
    }

    @Test(arguments: ReferenceTokenizerFolder.all)
    func `encodes and decodes as the tokenizers library`(folder: ReferenceTokenizerFolder) throws {
        guard !Self.unsupported.contains(folder.name) else { try Self.leaveOut(folder, "not supported") }
        let file: String
        switch folder.source {
        case .file(let path): file = path
        case .missing(let reason): try Self.leaveOut(folder, reason)
        case .unknown:
            Issue.record("\(folder.name) has neither tokenizer.json nor source.txt: a kind this suite does not know")
            return
        }
        let tokenizer = try Tokenizer(parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: file))))
        let cases = try folder.cases
        #expect(!cases.isEmpty)
        for (line, reference) in cases.enumerated() {
            let place = Comment("\(folder.name) line \(line + 1)")
            let text = try #require(reference["text"]?.stringValue, place)
            let ids = try #require(reference["ids"]).integers
            let encoded = tokenizer.encode(text, recognisingSpecialTokens: true, addingBoundaryTokens: true)
            #expect(encoded == ids, place)
            if let tokens = reference["tokens"]?.arrayValue {
                #expect(ids.count == tokens.count, place)
                for (id, token) in zip(ids, tokens) {
                    // The library gives an added token with the white space that it took along.
                    let written = Array((tokenizer.tokenText(id) ?? "").utf8)
                    let expected = token.stringValue ?? ""
                    let stripped = expected.trimmingCharacters(in: .whitespacesAndNewlines)
                    #expect(
                        expected.utf8.elementsEqual(written)
                            || (tokenizer.isSpecial(id) && stripped.utf8.elementsEqual(written)), place)
                }
            }
            try expectDecodings(of: ids, by: tokenizer, reference, place)
            for (text, ids) in [("chat_text", "chat_ids"), ("chat_prompt_text", "chat_prompt_ids")] {
                guard let text = reference[text]?.stringValue else { continue }
                let encoded = tokenizer.encode(text, recognisingSpecialTokens: true, addingBoundaryTokens: true)
                #expect(try encoded == #require(reference[ids]).integers, place)
            }
        }
    }

    private func expectDecodings(
        of ids: [Int], by tokenizer: Tokenizer, _ reference: JSONValue, _ place: Comment
    ) throws {
        for (name, skipping) in [("decoded", false), ("decoded_skip_special", true)] {
            let expected = try #require(reference[name]?.stringValue, place)
            #expect(tokenizer.decode(ids, skippingSpecialTokens: skipping).utf8.elementsEqual(expected.utf8), place)
            var stream = StreamingDecoder(tokenizer, skippingSpecialTokens: skipping)
            var streamed = ids.map { stream.next($0) }.joined()
            streamed += stream.finish()
            #expect(streamed.utf8.elementsEqual(expected.utf8), place)
        }
    }

    /// The chat template's own rendering of the messages gives the ids of the library's rendering, wherever the user's
    /// text holds no control token; where it does, ours must not contain it.
    @Test(arguments: ReferenceTokenizerFolder.all.filter(\.hasConversations))
    func `renders ChatML as the reference does`(folder: ReferenceTokenizerFolder) throws {
        guard case .file(let file) = folder.source else {
            try Self.leaveOut(folder, "its tokenizer.json is not there")
        }
        let tokenizer = try Tokenizer(parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: file))))
        let checkpoint = String(file.dropLast("/tokenizer.json".count))
        let template = try TextFiles.chatTemplate(in: checkpoint, tokenizer: tokenizer)
        #expect(template.format.name == "chatml")
        let system = ChatMessage(role: "system", content: "Name what the customer wants.")
        let controls = try ["<|im_start|>", "<|im_end|>", "<|endoftext|>"].map {
            try #require(tokenizer.id(ofToken: $0))
        }
        for reference in try folder.cases {
            let text = try #require(reference["text"]?.stringValue)
            let messages = [system, ChatMessage(role: "user", content: text)]
            let ids = try template.tokens(messages, addingGenerationPrompt: false)
            if controls.contains(where: { text.contains(tokenizer.tokenText($0) ?? "") }) {
                #expect(ids.filter(controls.contains).count == 4)
                continue
            }
            #expect(try ids == #require(reference["chat_ids"]).integers)
            if let expected = reference["chat_prompt_ids"]?.integers {
                #expect(try template.tokens(messages, addingGenerationPrompt: true) == expected)
            }
        }
    }
}

extension JSONValue {
    fileprivate var integers: [Int] { arrayValue?.compactMap(\.intValue) ?? [] }
}
