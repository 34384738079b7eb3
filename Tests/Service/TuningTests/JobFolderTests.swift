import Contracts
import Foundation
import Testing
import Tuning
import Values

/// Job folders: written whole, read back, damaged ones told.
@Suite("JobFolder")
struct JobFolderTests {
    static let example = TrainingExample(
        record: "sha256:1", unit: "u", messages: [.init(role: "user", content: "Wo ist meine Karte?")],
        answer: "card arrival", weight: 2, desirable: true, redacted: [[0, 4]])

    static func description(_ id: String) -> JobDescription {
        JobDescription(
            id: id, kind: .evaluate, base: "base", baseDigest: "sha256:b", template: "auto", seed: 7,
            limits: .init(cpuSeconds: 10, memoryBytes: 1 << 20, threads: 1), evaluate: .init(metrics: [.exactAnswer]))
    }

    @Test("A folder is private, complete and written once")
    func writing() throws {
        let folder = try TemporaryFolder()
        let writer = JobFolderWriter(root: folder.path + "/jobs")
        try writer.write(
            Self.description("j-1"), examples: [.heldout: [Self.example], .old: []], links: ["base": folder.path])
        let path = writer.folder(of: "j-1")
        #expect(JobFolderWriter.exists(path))
        #expect(
            try StrictJSON.decode(
                JobDescription.self, parsing: Array(Data(contentsOf: URL(fileURLWithPath: path + "/job.json"))))
                == Self.description("j-1"))
        let line = try Data(contentsOf: URL(fileURLWithPath: path + "/data/heldout.jsonl"))
        #expect(line.last == UInt8(ascii: "\n"))
        #expect(try StrictJSON.decode(TrainingExample.self, parsing: Array(line.dropLast())) == Self.example)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path + "/base") == folder.path)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o700)
        #expect(!JobFolderWriter.exists(writer.root + "/.j-1"))

        var other = Self.description("j-1")
        other.seed = 8
        try writer.write(other, examples: [:], links: [:])
        #expect(
            try StrictJSON.decode(
                JobDescription.self, parsing: Array(Data(contentsOf: URL(fileURLWithPath: path + "/job.json")))
            ).seed == 7)
        writer.remove("j-1")
        #expect(!JobFolderWriter.exists(path))
    }

    @Test("What a kill left half-written is written anew")
    func halfWritten() throws {
        let folder = try TemporaryFolder()
        try folder.write("jobs/.j-1/data/train.jsonl", "half")
        let writer = JobFolderWriter(root: folder.path + "/jobs")
        try writer.write(Self.description("j-1"), examples: [.old: [Self.example]], links: [:])
        #expect(!JobFolderWriter.exists(writer.folder(of: "j-1") + "/data/train.jsonl"))
    }

    @Test("No result is nil, a damaged one an error, a half line of progress is passed over")
    func reading() throws {
        let folder = try TemporaryFolder()
        #expect(try JobFolderReader.result(in: folder.path) == nil)
        #expect(JobFolderReader.progress(in: folder.path) == nil)
        try folder.write(
            "progress.jsonl",
            #"{"time": "2026-05-01T09:30:00Z", "phase": "train", "step": 3, "of": 9}"# + "\n" + #"{"time": "2026-0"#)
        #expect(JobFolderReader.progress(in: folder.path)?.step == 3)
        try folder.write("result/result.json", "{\"v\": 1, ")
        #expect(throws: (any Error).self) { try JobFolderReader.result(in: folder.path) }
        try folder.write(
            "result/result.json",
            #"{"v": 1, "status": "done", "cpuSeconds": 1.5, "peakMemoryBytes": 9, "metrics": {}, "later": true}"#)
        #expect(try JobFolderReader.result(in: folder.path)?.status == .done)
        #expect(throws: (any Error).self) { try JobFolderReader.impact(in: folder.path) }
        #expect(throws: (any Error).self) { try JobFolderReader.answers(in: folder.path) }
        try folder.write("result/answers.jsonl", "{}\n")
        #expect(throws: (any Error).self) { try JobFolderReader.answers(in: folder.path) }
    }
}

/// A folder that goes with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/retuned-tuning-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        let url = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }
}
