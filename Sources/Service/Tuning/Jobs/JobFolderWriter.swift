package import Contracts
import DurableFiles
import FoundationEssentials
import Values

/// Writes job folders: private, complete, and there by one rename.
package struct JobFolderWriter: Sendable {
    /// Folder of all job folders.
    package let root: String

    package init(root: String) {
        self.root = root
    }

    package func folder(of job: String) -> String { "\(root)/\(job)" }

    /// Makes a job's folder unless it is there already: a folder that exists is complete.
    ///
    /// - Parameters:
    ///   - description: its paths `base`, `incumbent` and `candidate` are links in the folder.
    ///   - examples: the lines of `data/`; a set that is absent gets no file.
    ///   - links: the folders that the links lead to, by their name in the job folder.
    package func write(
        _ description: JobDescription, examples: [ExampleSet: [TrainingExample]], links: [String: String]
    ) throws {
        let target = folder(of: description.id)
        if DurableFiles.exists(target) { return }
        let temporary = "\(root)/.\(description.id)"
        DurableFiles.remove(temporary)
        try DurableFiles.makeFolder("\(temporary)/data")
        for (name, path) in links.sorted(by: { $0.key < $1.key }) {
            try FileManager.default.createSymbolicLink(atPath: "\(temporary)/\(name)", withDestinationPath: path)
        }
        for (set, rows) in examples.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            var lines: [UInt8] = []
            for row in rows {
                lines += try StrictJSON.encodeBytes(row)
                lines.append(UInt8(ascii: "\n"))
            }
            try DurableFiles.write(lines, to: "\(temporary)/\(set.path)")
        }
        try DurableFiles.write(
            try StrictJSON.encodeBytes(description), to: "\(temporary)/\(JobFolder.description)")
        try DurableFiles.synchronise("\(temporary)/data")
        try DurableFiles.rename(temporary, to: target)
    }

    /// Removes a job's folder: it holds customers' text.
    package func remove(_ job: String) {
        DurableFiles.remove(folder(of: job))
    }
}

extension JobFolderWriter {
    /// Whether a job's folder is there; one that is there is complete.
    package static func exists(_ folder: String) -> Bool { DurableFiles.exists(folder) }
}
