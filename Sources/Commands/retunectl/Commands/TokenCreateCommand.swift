import API
import ArgumentParser
import FoundationEssentials
import Values

struct TokenCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a token. Its secret is printed once and kept nowhere.",
        discussion: """
            Standard output holds the secret alone, so that it can be captured: \
            TOKEN=$(retunectl tokens create my-application --scope ingest,assign)
            """)

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "What the token is called in lists.")
    var name: String
    @Option(
        help: ArgumentHelp(
            "What it may do: \(Scope.allCases.filter { $0 != .admin }.map(\.rawValue).joined(separator: ", ")).",
            valueName: "scope,…"))
    var scope: [String]
    @Option(name: .shortAndLong, help: "The only deployment it is for; by default all.")
    var deployment: String?
    @Option(help: ArgumentHelp("When it ends: a time (RFC 3339) or a time from now, for example 90d."))
    var expires: String?

    func run() async throws {
        let scopes = try scope.flatMap { $0.split(separator: ",") }.map { word in
            guard let scope = Scope(rawValue: String(word)) else {
                let known = Scope.allCases.map(\.rawValue).joined(separator: ", ")
                throw ControlFailure(.usage, "'\(word)' is not a scope; the scopes are \(known)")
            }
            return scope
        }
        var request = TokenRequest(name: name, scopes: scopes, deployment: deployment)
        if let expires {
            if let time = Timestamp(expires) {
                request.expires = time
            } else if let duration = DurationText.parse(expires) {
                let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
                request.expires = now.advanced(bySeconds: duration.inSeconds)
            } else {
                throw ControlFailure(.usage, "'\(expires)' is neither a time such as 2027-01-01T00:00:00Z nor 90d")
            }
        }
        let body = try StrictJSON.encodeBytes(request)
        let answer = try await connection.client().send("POST", "/v1/tokens", body: body)
        try connection.show(TokenCreated.self, answer) { created in
            Output.complain(
                "token \(created.view.id) is made; this is the only time that its secret is shown", named: false)
            return created.token
        }
    }
}
