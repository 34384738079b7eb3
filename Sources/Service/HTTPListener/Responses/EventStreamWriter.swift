/// Writes server-sent events; each is sent at once.
package struct EventStreamWriter: Sendable {
    let writer: ResponseStreamWriter

    /// One event. `data` may have several lines; `event` and `id` may not.
    package func send(_ data: String, event: String? = nil, id: String? = nil) async throws {
        var text = ""
        if let event { text += "event: \(event)\n" }
        if let id { text += "id: \(id)\n" }
        for line in data.split(separator: "\n", omittingEmptySubsequences: false) { text += "data: \(line)\n" }
        try await writer.write(text + "\n")
    }

    /// A comment, which clients skip: keeps proxies from closing a quiet stream.
    package func comment(_ text: String) async throws {
        try await writer.write(": \(text)\n\n")
    }
}
