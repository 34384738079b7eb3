package import Contracts
import DurableFiles
import Values

/// Reads what a job left in its folder.
package enum JobFolderReader {
    /// The result, or nil while there is none.
    package static func result(in folder: String) throws -> JobResult? {
        let path = "\(folder)/\(JobFolder.resultDescription)"
        guard DurableFiles.exists(path) else { return nil }
        return try StrictJSON.decode(JobResult.self, parsing: try DurableFiles.read(path), ignoringUnknownFields: true)
    }

    /// The newest complete line of the progress; nil where there is none.
    package static func progress(in folder: String) -> JobProgress? {
        guard let bytes = try? DurableFiles.read("\(folder)/\(JobFolder.progress)") else { return nil }
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        for line in lines.reversed().prefix(2) {
            if let progress = try? StrictJSON.decode(
                JobProgress.self, parsing: Array(line), ignoringUnknownFields: true)
            {
                return progress
            }
        }
        return nil
    }

    package static func impact(in folder: String) throws -> ImpactReport {
        try StrictJSON.decode(
            ImpactReport.self, parsing: try DurableFiles.read("\(folder)/\(JobFolder.impact)"),
            ignoringUnknownFields: true)
    }

    /// The rows of a set as they were given to the job; none where it has no such file.
    package static func examples(_ set: ExampleSet, in folder: String) throws -> [TrainingExample] {
        let path = "\(folder)/\(set.path)"
        guard DurableFiles.exists(path) else { return [] }
        return try DurableFiles.read(path).split(separator: UInt8(ascii: "\n")).map {
            try StrictJSON.decode(TrainingExample.self, parsing: Array($0))
        }
    }

    package static func answers(in folder: String) throws -> [EvaluatedAnswer] {
        try DurableFiles.read("\(folder)/\(JobFolder.answers)").split(separator: UInt8(ascii: "\n")).map {
            try StrictJSON.decode(EvaluatedAnswer.self, parsing: Array($0), ignoringUnknownFields: true)
        }
    }
}
