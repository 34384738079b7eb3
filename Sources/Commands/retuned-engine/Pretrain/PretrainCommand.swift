import ArgumentParser
import Foundation
import Values

/// `retuned-engine pretrain`
struct PretrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pretrain", abstract: "Train a small base from nothing on messages with their right answers.",
        discussion: """
            DATA is JSON Lines with `query` and `intent` a line (underscores of the intent are read as spaces). A byte-level \
            BPE is made from the same lines. What is written is a checkpoint in Hugging Face's layout: config.json, \
            model.safetensors in bfloat16, tokenizer.json, tokenizer_config.json with ChatML. The same data and seed give \
            the same files on the same processor.
            """)

    @Option(help: "Messages to learn, JSON Lines.")
    var data: String
    @Option(help: "Messages to measure on, JSON Lines.")
    var test: String?
    @Option(help: "The folder to write the checkpoint to.")
    var output: String
    @Option(help: "What the system message says.")
    var instruction = "Name what the customer wants."
    @Option(help: "Tokens of the vocabulary.")
    var vocabulary = 2048
    @Option(help: "Width of the residual stream.")
    var hidden = 128
    @Option(help: "Layers.")
    var layers = 4
    @Option(help: "Passes over the data.")
    var epochs = 5
    @Option(help: "Messages a step.")
    var batch = 64
    @Option(help: "Largest learning rate.")
    var rate = 2e-3
    @Option(help: "Threads.")
    var threads = 2
    @Option(help: "Seed of everything that is drawn.")
    var seed: UInt64 = 1

    func validate() throws {
        guard vocabulary >= 300, hidden >= 32, hidden % 32 == 0, layers > 0, epochs > 0, batch > 0, threads > 0,
            rate > 0
        else {
            throw ValidationError(
                "--vocabulary has to be at least 300, --hidden a multiple of 32, the other numbers positive")
        }
    }

    func run() throws {
        let lessons = try Lesson.read(data)
        let measured = try test.map(Lesson.read) ?? []
        guard !lessons.isEmpty else { throw ValidationError("\(data) holds no message") }
        let tokenizer = BytePairTraining(
            texts: lessons.flatMap { [$0.query, $0.answer] } + [
                instruction, "system\n", "user\n", "assistant\n",
            ], vocabularySize: vocabulary
        ).document
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        try Files.writeSynced(tokenizer.serialized, to: output + "/tokenizer.json")
        try Files.writeSynced(Self.tokenizerConfiguration.serialized, to: output + "/tokenizer_config.json")
        try Pretraining(command: self, lessons: lessons, measured: measured) { line in
            FileHandle.standardError.write(Data((line + "\n").utf8))
        }.run()
    }

    private static let tokenizerConfiguration: JSONValue = [
        "tokenizer_class": "GPT2Tokenizer", "add_prefix_space": false, "bos_token": "<|endoftext|>",
        "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "unk_token": "<|endoftext|>",
        "model_max_length": 512,
        "chat_template":
            "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    ]
}

/// A message and the right answer to it.
struct Lesson: Sendable {
    var query: String
    var answer: String

    static func read(_ path: String) throws -> [Lesson] {
        try Files.read(path).split(separator: 10).enumerated().map { number, line in
            let value = try JSONValue(parsing: Array(line))
            guard let query = value["query"]?.stringValue, let intent = value["intent"]?.stringValue else {
                throw ValidationError("\(path), line \(number + 1): query or intent is missing")
            }
            return Lesson(query: query, answer: String(intent.map { $0 == "_" ? " " : $0 }))
        }
    }
}
