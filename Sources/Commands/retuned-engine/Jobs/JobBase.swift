import Contracts
import FineTuning
import Transformer
import Values

/// The base checkpoint of a job with its tokenizer and template, and adapters for it.
struct JobBase {
    let directory: JobDirectory
    let job: JobDescription
    let model: Model
    let encoder: ExampleEncoder
    let workspace: Workspace

    init(directory: JobDirectory, job: JobDescription, workspace: Workspace) throws {
        self.workspace = workspace
        self.directory = directory
        self.job = job
        let folder = directory.file(job.base)
        // A float32 model takes at least the bytes of its files; loading it would only end at the ceiling.
        let bytes = try Files.names(in: folder).filter { $0.hasSuffix(".safetensors") }
            .reduce(0) { $0 + Files.size(folder + "/" + $1) }
        guard bytes < job.limits.memoryBytes else {
            throw JobRefusal(
                reason: "the base alone has \(bytes >> 20) MiB, the budget is \(job.limits.memoryBytes >> 20) MiB")
        }
        model = try Model.load(folder: folder)
        guard let digest = model.digest, digest == job.baseDigest else {
            throw JobFailure(
                "The base in \(job.base) has digest \(model.digest ?? "none"), and the job was made for "
                    + "\(job.baseDigest); plan the job again for this base.")
        }
        let tokenizer = try TextFiles.tokenizer(in: folder)
        let template = try TextFiles.chatTemplate(in: folder, tokenizer: tokenizer, name: job.template)
        encoder = ExampleEncoder(template: template, context: min(model.configuration.maximumPositions, 1 << 15))
    }

    /// Tokens of one forward and backward pass: about half a second of one core's work at 50 GFLOP/s, so that a job can
    /// stop within a second. A function of the model alone, since sums depend on it.
    var pieceTokens: Int { max(1, min(1024, 6_250_000_000 / model.configuration.parameterCount)) }

    /// An adapter of the job folder without its padding; nil where none is named.
    func adapter(_ name: String?) throws -> LowRankAdapter? {
        guard let name else { return nil }
        return try AdapterFile.read(folder: directory.file(name), configuration: model.configuration).withoutPadding()
    }

    /// What an adapter's folder says about its last training; nil where it says nothing that can be used.
    func lineage(_ name: String?) -> AdapterLineage? {
        guard let name,
            let bytes = try? Files.read(directory.file(name) + "/" + AdapterLineage.fileName)
        else { return nil }
        return try? StrictJSON.decode(AdapterLineage.self, parsing: bytes)
    }

    /// Rows for the model, and how many had to be cut to its context.
    func rows(_ examples: [TrainingExample], of set: ExampleSet) throws -> (rows: [TrainingRow], truncated: Int) {
        var rows: [TrainingRow] = []
        var truncated = 0
        for (number, example) in examples.enumerated() {
            do {
                guard
                    let (row, isTruncated) = try encoder.row(
                        messages: example.chatMessages, answer: example.answer,
                        redacted: example.redacted.map { $0[0]..<$0[1] }, weight: example.weight,
                        desirable: example.desirable, unit: example.unit)
                else { continue }
                rows.append(row)
                if isTruncated { truncated += 1 }
            } catch {
                throw JobFailure("\(set.path), line \(number + 1): \(error)")
            }
        }
        return (rows, truncated)
    }

    var stopTokens: Set<Int32> { Set(encoder.template.stopTokens.map(Int32.init)) }
}

extension TrainingExample {
    var chatMessages: [ChatMessage] { messages.map { ChatMessage(role: $0.role, content: $0.content) } }
}
