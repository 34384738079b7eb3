import API
import ArgumentParser
import FoundationEssentials
import Values

/// How the daemon is reached, and whether its JSON is shown as it is.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's Unix socket; by default $RETUNED_SOCKET, else /run/retuned/retuned.sock.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("The daemon's address, in place of the socket; the token comes from $RETUNED_TOKEN."))
    var url: String?

    @Option(help: ArgumentHelp("A file that holds the token, in place of $RETUNED_TOKEN.", valueName: "file"))
    var tokenFile: String?

    @Flag(help: "Print the API's JSON as it is.")
    var json = false

    func validate() throws {
        if socket != nil, url != nil { throw ValidationError("--socket and --url exclude each other") }
        if let url, !url.hasPrefix("http://"), !url.hasPrefix("https://") {
            throw ValidationError("--url has to begin with http:// or https://")
        }
    }

    func client() throws -> ControlClient {
        let environment = ProcessInfo.processInfo.environment
        if let url { return ControlClient(endpoint: .url(url, token: try token(environment))) }
        let path = socket ?? environment["RETUNED_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        return ControlClient(endpoint: .socket(path: path ?? "/run/retuned/retuned.sock"))
    }

    private func token(_ environment: [String: String]) throws -> String? {
        guard let tokenFile else { return environment["RETUNED_TOKEN"].flatMap { $0.isEmpty ? nil : $0 } }
        guard let data = FileManager.default.contents(atPath: tokenFile) else {
            throw ControlFailure(.badFile, "the token's file \(tokenFile) cannot be read")
        }
        let words = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 1 else {
            throw ControlFailure(.badFile, "the token's file \(tokenFile) has to hold one token and nothing else")
        }
        return String(words[0])
    }

    /// Shows an answer: its JSON with `--json`, else what `render` makes of it.
    func show<Answer: Decodable>(
        _ type: Answer.Type, _ bytes: [UInt8], render: (Answer) throws -> String
    ) throws {
        if json {
            Output.write(bytes)
        } else {
            Output.write(try render(try ControlClient.decode(type, bytes)))
        }
    }

    /// Asks for `path` and shows the answer.
    func show<Answer: Decodable>(
        _ type: Answer.Type, at path: String, render: (Answer) throws -> String
    ) async throws {
        try show(type, try await client().send("GET", path), render: render)
    }
}
