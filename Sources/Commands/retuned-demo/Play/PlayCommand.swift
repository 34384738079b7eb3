import ArgumentParser
import Foundation
import OutboundHTTP
import Values

/// `retuned-demo play`: the process of the users. It reads what to play next from its standard input, a JSON object a
/// line, and writes what happened to its standard output, likewise.
struct PlayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "play", abstract: "Plays users through the daemon's public interface.",
        discussion: """
            Orders, one JSON object a line: {"do": "history", "count": 5000, "engine": "http://…", "model": "…", \
            "seconds": 120}, {"do": "measure", "engine": …, "model": …, "label": "…"}, {"do": "traffic", "mix": \
            "reference"|"shift"|"next", "hostile": 0.0}, {"do": "stop"}, {"do": "accepted"}, {"do": "quit"}.
            """)

    @Option(help: "The daemon's address, for example http://127.0.0.1:8340.")
    var gateway: String
    @Option(help: "The deployment's name.")
    var deployment = "support"
    @Option(help: "A folder of traffic; empty: the project's own sample.")
    var data = ""
    @Option(help: "Domains that traffic moves to, separated by spaces.")
    var shifts = ""
    @Option(help: "Domains that it moves to after that.")
    var next = ""
    @Option(help: "Users.")
    var users = 400
    @Option(help: "Share of the answers that are rated.")
    var rate = 0.5
    @Option(help: "Share of the bad ratings that carry the right answer.")
    var correct = 0.5
    @Option(help: "Messages a second.")
    var pace = 60.0
    @Option(help: "Seed of everything that is drawn.")
    var seed: UInt64 = 1

    func validate() throws {
        guard users > 0, (0...1).contains(rate), (0...1).contains(correct), pace > 0 else {
            throw ValidationError("--users and --pace must be positive, --rate and --correct between 0 and 1")
        }
    }

    /// The token comes by the environment, so that it stands in no process list.
    func run() async throws {
        let source = TrafficSource(folder: data)
        let words = { (text: String, fallback: String) in
            text.isEmpty ? [fallback] : text.split(separator: " ").map(String.init)
        }
        let shifts = words(shifts, source.defaultShift)
        let next = words(next, source.defaultNext)
        let http = HTTPClient(configuration: .init(userAgent: "retuned-demo"))
        defer { http.close() }
        let token = ProcessInfo.processInfo.environment["RETUNED_DEMO_TOKEN"] ?? ""
        let player = Player(
            client: ServiceClient(http: http, base: gateway, token: token), http: http,
            settings: .init(
                deployment: deployment, users: users, rate: rate, correct: correct, pace: pace, seed: seed),
            pools: try TrafficPools(source: source, shifts: shifts, next: next, seed: seed))
        player.say("ready", ["reference": .integer(Int64(player.pools.reference.count))])
        for await line in StandardInput.lines() {
            do {
                guard try await player.carryOut(try JSONValue(parsing: Array(line.utf8))) else { break }
            } catch {
                player.say("failed", ["reason": .string("\(error)")])
            }
        }
    }
}
