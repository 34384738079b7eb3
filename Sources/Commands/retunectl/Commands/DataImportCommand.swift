import API
import ArgumentParser
import Values

struct DataImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Post a file of interactions or ratings, one JSON object a line, gzip or not.",
        discussion: """
            Records are posted in batches, each all or nothing. Records have ids, so an import that was interrupted is \
            simply started again: what is kept already counts as duplicate and not twice.
            """)

    enum Kind: String, ExpressibleByArgument, CaseIterable { case interactions, ratings }

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: ArgumentHelp("The file (.jsonl or .jsonl.gz).", valueName: "file"))
    var file: String
    @Option(help: "What the file holds; by default the first record tells.")
    var kind: Kind?
    @Option(help: "Most records in one request.")
    var batch = 500
    @Flag(help: "Keep the good records of a batch, and say which were refused.")
    var partial = false

    func validate() throws {
        guard (1...100_000).contains(batch) else { throw ValidationError("--batch has to be 1 to 100000") }
    }

    func run() async throws {
        let client = try connection.client()
        let lines = try RecordLines(path: file)
        var importer = RecordImport(
            client: client, path: kind.map(RecordImport.path), batchRecords: batch, isPartial: partial)
        let result = try await importer.run(lines) { progress in
            if !connection.json { Output.complain(progress, named: false) }
        }
        for refusal in result.refusals { Output.complain(refusal, named: false) }
        if connection.json {
            Output.write(
                try StrictJSON.encodeBytes(
                    IngestAnswer(
                        accepted: result.accepted, duplicates: result.duplicates,
                        rejected: partial ? result.refusals.count : nil)))
        } else {
            Output.write(result.summary)
        }
        if !result.refusals.isEmpty {
            throw ControlFailure(.refused, "\(Figures.counted(result.refusals.count, "record")) refused")
        }
    }
}
