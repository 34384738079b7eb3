import OutboundHTTP
import Values

extension ControlClient {
    /// Reads lines page by page to their end; `take` gets the bytes of each page.
    func pages(of path: String, after first: Int = 0, _ take: ([UInt8]) throws -> Void) async throws {
        var place = first
        while true {
            let answer = try await exchange(
                "GET", "\(path)?after=\(place)&limit=1000", body: [], contentType: "application/json")
            guard answer.status == 200 else { throw ControlFailure(status: answer.status, body: answer.body) }
            try take(answer.body)
            // The rows of an experiment have no place of their own; the header tells where the next page begins.
            let next = answer.headers["retuned-next"].flatMap { Int($0) } ?? Self.lastPlace(answer.body)
            guard !answer.body.isEmpty, let last = next, last > place else { return }
            place = last
        }
    }

    /// `seq` of the last line; nil where there is no line, or it has no place.
    private static func lastPlace(_ page: [UInt8]) -> Int? {
        guard let line = page.split(separator: UInt8(ascii: "\n")).last else { return nil }
        return (try? JSONValue(parsing: Array(line)))?["seq"]?.intValue
    }
}
