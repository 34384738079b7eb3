/// Why a job cannot be done, in a sentence: its own input is wrong, so that running it again would not help. It ends
/// as a result with status `failed`.
struct JobFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
