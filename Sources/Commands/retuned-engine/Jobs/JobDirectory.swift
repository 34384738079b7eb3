import Contracts
import FineTuning
import Values

/// A job folder on disk: what is read from it and how its files come into being.
struct JobDirectory {
    /// The folder's path, without a slash at its end.
    let path: String

    init(_ path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    func file(_ name: String) -> String { name.hasPrefix("/") ? name : path + "/" + name }

    var isFinal: Bool { Files.exists(file(JobFolder.resultDescription)) }

    var isCancelled: Bool { Files.exists(file(JobFolder.cancel)) }

    // MARK: What goes in

    /// Reads `job.json` strictly.
    func readDescription() throws -> JobDescription {
        let bytes = try Files.read(file(JobFolder.description))
        do {
            let description = try StrictJSON.decode(JobDescription.self, parsing: bytes)
            try JobValidation.check(description)
            return description
        } catch let error as JobFailure {
            throw error
        } catch {
            throw JobFailure("job.json cannot be used: \(error)")
        }
    }

    /// Reads the examples of a set; none where the file is absent.
    func readExamples(_ set: ExampleSet) throws -> [TrainingExample] {
        let path = file(set.path)
        guard Files.exists(path) else { return [] }
        var examples: [TrainingExample] = []
        for (number, line) in try Files.read(path).split(separator: 10).enumerated() {
            do {
                let example = try StrictJSON.decode(TrainingExample.self, parsing: line)
                try JobValidation.check(example)
                examples.append(example)
            } catch {
                throw JobFailure("\(set.path), line \(number + 1): \(error)")
            }
        }
        return examples
    }

    // MARK: What comes out

    func writeEstimate(_ estimate: JobEstimate) throws {
        try Files.replace(file(JobFolder.estimate), with: StrictJSON.encodeBytes(estimate) + [10])
    }

    func prepareProgress() throws {
        try Files.dropUnfinishedLine(file(JobFolder.progress))
    }

    func append(_ progress: JobProgress) throws {
        try Files.append(StrictJSON.encodeBytes(progress) + [10], to: file(JobFolder.progress))
    }

    /// Replaces the checkpoint by one rename.
    func writeCheckpoint(_ bytes: [UInt8]) throws {
        let folder = file(JobFolder.checkpoint)
        if !Files.exists(folder) {
            try Files.makeFolder(folder)
            try Files.synchronise(path)
        }
        try Files.replace(folder + "/state", with: bytes)
    }

    /// The last checkpoint; nil where there is none.
    func readCheckpoint() throws -> [UInt8]? {
        let path = file(JobFolder.checkpoint) + "/state"
        return Files.exists(path) ? try Files.read(path) : nil
    }

    /// Makes `result/` appear with everything in it: files first, then `result.json`, sync, one rename, sync.
    ///
    /// - Parameter fill: writes what the job made into the folder that it is given, and returns the description; what
    ///   it writes is synced here.
    func publish(_ fill: (_ folder: String) throws -> JobResult) throws {
        let temporary = file("result.tmp")
        try Files.removeFolder(temporary)
        try Files.makeFolder(temporary)
        let result = try fill(temporary)
        try Files.writeSynced(StrictJSON.encodeBytes(result) + [10], to: temporary + "/result.json")
        try Files.synchroniseAll(in: temporary)
        try Files.rename(temporary, to: file(JobFolder.result))
    }
}
