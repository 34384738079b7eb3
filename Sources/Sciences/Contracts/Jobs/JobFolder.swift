/// Names of the files of a job folder, relative to it. `docs/job-folder.md` describes the format for people.
package enum JobFolder {
    package static let description = "job.json"
    package static let estimate = "estimate.json"
    package static let progress = "progress.jsonl"
    package static let checkpoint = "checkpoint"
    /// Created by the daemon to cancel the job.
    package static let cancel = "cancel"
    /// Appears by one rename when the job is final.
    package static let result = "result"
    package static let resultDescription = "result/result.json"
    package static let adapter = "result/adapter"
    package static let impact = "result/impact.json"
    package static let answers = "result/answers.jsonl"
}
