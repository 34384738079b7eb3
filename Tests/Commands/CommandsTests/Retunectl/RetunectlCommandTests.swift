import API
import CZlib
import Foundation
import Locking
import LoopbackServer
import Testing
import Values

@Suite("RetunectlCommand")
struct RetunectlCommandTests {
    private static let one = #"{"deployments":[\#(deployment)]}"#
    private static let deployment = String(
        decoding: (try? StrictJSON.encodeBytes(RetunectlExamples.deployment)) ?? [], as: UTF8.self)

    private static func problem(_ status: Int, _ kind: String, _ detail: String, record: Int? = nil) -> (Int, String) {
        let problem = Problem(
            type: "urn:retuned:problem:\(kind)", title: "Refused", status: status, detail: detail, record: record)
        return (status, String(decoding: (try? StrictJSON.encodeBytes(problem)) ?? [], as: UTF8.self))
    }

    @Test("status for people and for programs")
    func status() throws {
        let control = try RetunectlProcess { _ in (200, Self.one) }
        defer { control.end() }
        let people = try control.run(["status"])
        #expect(people.status == 0)
        #expect(people.output.hasPrefix("support-en   mode act\n"))
        #expect(try control.run(["status", "--json"]).output == Self.one + "\n")
        #expect(control.requests.withLock { $0.map(\.target) } == ["/v1/deployments", "/v1/deployments"])
    }

    @Test(
        "what the daemon refuses is said in a sentence, with an exit status that a script can tell",
        arguments: [(400, 3), (401, 5), (403, 5), (404, 4), (409, 3), (413, 3), (500, 6), (503, 6)] as [(Int, Int32)])
    func refusals(_ answer: Int, _ exit: Int32) throws {
        let control = try RetunectlProcess { _ in Self.problem(answer, "kind", "this was wrong; do that") }
        defer { control.end() }
        let ending = try control.run(["drift", "--deployment", "a b"])
        #expect(ending.status == exit)
        #expect(ending.errors == "retunectl: Refused: this was wrong; do that\n")
        #expect(ending.output == "")
        #expect(control.requests.withLock { $0.first?.target } == "/v1/deployments/a%20b/drift")
    }

    @Test("an absent daemon is 2, a wrong command line 1, help 0")
    func exits() throws {
        let absent = try RetunectlProcess.run(["status"], environment: ["RETUNED_SOCKET": "/nonexistent/socket"])
        #expect(absent.status == 2)
        #expect(absent.errors.contains("/nonexistent/socket"))
        let wrong = try RetunectlProcess.run(["statsu"], environment: [:])
        #expect(wrong.status == 1)
        #expect(try RetunectlProcess.run(["data", "erase", "user-17"], environment: [:]).status == 1)
        let help = try RetunectlProcess.run(["--help"], environment: [:])
        #expect(help.status == 0)
        #expect(help.output.contains("Exit statuses"))
        let completions = try RetunectlProcess.run(["--generate-completion-script", "bash"], environment: [:])
        #expect(completions.status == 0)
        #expect(completions.output.contains("complete"))
    }

    @Test("an action names the cycle under way, its reason and an id")
    func action() throws {
        let control = try RetunectlProcess { request in
            request.method == "POST"
                ? (202, #"{"id":"x","state":"experimenting"}"#)
                : (200, request.target == "/v1/deployments" ? Self.one : Self.deployment)
        }
        defer { control.end() }
        let ending = try control.run(["cycles", "approve", "--reason", "looks good"])
        #expect(ending.status == 0)
        #expect(ending.output == "approve is accepted; the loop is experimenting.\n")
        let posted = try #require(control.requests.withLock { $0.last })
        #expect(posted.target == "/v1/deployments/support-en/actions")
        let body = try StrictJSON.decode(ActionRequest.self, parsing: posted.body)
        #expect(body.action == .approve)
        #expect(body.cycle == "c-13")
        #expect(body.reason == "looks good")
        #expect(body.id.hasPrefix("ctl-"))
        _ = try control.run(["adapters", "promote", "v4", "-d", "d", "--id", "again"])
        let promotion = try #require(control.requests.withLock { $0.last })
        let wanted = try StrictJSON.decode(ActionRequest.self, parsing: promotion.body)
        #expect(wanted == ActionRequest(id: "again", action: .promote, adapter: "v4", reason: "no reason given"))
    }

    @Test("ab status --watch stays with its test, prints what changed alone, asks again, and ends when it is decided")
    func watch() throws {
        let lists = Locked(0)
        let views = Locked(0)
        let control = try RetunectlProcess { request in
            if request.target == "/v1/deployments/support-en" { return (200, Self.deployment) }
            var view = RetunectlExamples.experiment()
            guard request.target.hasSuffix("/e-12") else {
                let number = lists.withLock { lists in
                    lists += 1
                    return lists
                }
                if number == 3 { return Self.problem(503, "kind", "begins anew") }
                return (200, Self.text(ExperimentList(experiments: number < 5 ? [] : [view])))
            }
            let number = views.withLock { views in
                views += 1
                return views
            }
            if number > 3 {
                view.state = .decided
                view.decision = "promote"
            }
            return (200, Self.text(view))
        }
        defer { control.end() }
        let ending = try control.run(["ab", "status", "-d", "support-en", "--watch", "--interval", "0.01"])
        #expect(ending.status == 0)
        #expect(ending.errors == "retunectl: Refused: begins anew; asks again\n")
        for words in ["has had no experiment yet", "running since", "Decision  promote"] {
            #expect(ending.output.components(separatedBy: words).count == 2, "\(words)\n\(ending.output)")
        }
        #expect(ending.output.contains("The loop is experimenting.\nNext: look at 14:05"))
        #expect(lists.withLock { $0 } == 5 && views.withLock { $0 } == 4)
    }

    private static func text(_ value: some Encodable) -> String {
        String(decoding: (try? StrictJSON.encodeBytes(value)) ?? [], as: UTF8.self)
    }

    @Test("a token's secret stands alone on standard output; over HTTP the token is sent as a bearer's")
    func tokens() throws {
        let view = TokenView(id: "t-1", name: "app", scopes: [.ingest], created: RetunectlExamples.noon)
        let created = String(
            decoding: try StrictJSON.encodeBytes(TokenCreated(token: "secret", view: view)), as: UTF8.self)
        let control = try RetunectlProcess { _ in (201, created) }
        defer { control.end() }
        let ending = try control.run(["tokens", "create", "app", "--scope", "ingest,assign"])
        #expect(ending.output == "secret\n")
        #expect(try control.run(["tokens", "create", "app", "--scope", "everything"]).status == 1)
        let server = try LoopbackServer { request in
            (200, request.header("authorization") == "Bearer s3" ? Self.one : "{}")
        }
        defer { server.close() }
        let remote = try RetunectlProcess.run(
            ["status", "--url", server.url, "--json"], environment: ["RETUNED_TOKEN": "s3"])
        #expect(remote.output == Self.one + "\n")
    }

    @Test("import posts a gzip file in batches, halves what is too large, and says the line that was refused")
    func imports() throws {
        let control = try RetunectlProcess { request in
            let lines = request.body.split(separator: 0x0A).count
            if lines > 2 { return Self.problem(413, "too-large", "too many records") }
            if String(decoding: request.body, as: UTF8.self).contains("bad") {
                return Self.problem(400, "field-invalid", "the time is none", record: lines - 1)
            }
            return (200, #"{"accepted":\#(lines - 1),"duplicates":1}"#)
        }
        defer { control.end() }
        func row(_ id: String) -> String { #"{"id":"\#(id)","messages":[]}"# }
        let good = (1...4).map { row("i\($0)") }.joined(separator: "\n") + "\n\n"
        try Self.writeGzip(good, control.folder + "/good.jsonl.gz")
        let ending = try control.run(["data", "import", control.folder + "/good.jsonl.gz"])
        #expect(ending.output == "2 records accepted, 2 duplicates of records kept before\n")
        #expect(control.requests.withLock { $0.map { $0.target } } == Array(repeating: "/v1/interactions", count: 3))
        #expect(control.requests.withLock { $0.last?.header("content-type") } == "application/x-ndjson")
        let bad = [row("a"), "", row("b"), row("c"), row("bad")].joined(separator: "\n")
        try bad.write(toFile: control.folder + "/bad.jsonl", atomically: true, encoding: .utf8)
        let refused = try control.run(["data", "import", control.folder + "/bad.jsonl", "--batch", "2"])
        #expect(refused.status == 3)
        #expect(refused.errors.contains("Refused: the time is none (line 5); so far 1 record accepted"))
        try "{}\n".write(toFile: control.folder + "/unknown.jsonl", atomically: true, encoding: .utf8)
        #expect(try control.run(["data", "import", control.folder + "/unknown.jsonl"]).status == 7)
        #expect(try control.run(["data", "import", control.folder + "/absent.jsonl"]).status == 7)
    }

    @Test("export follows the log from page to page")
    func exports() throws {
        let control = try RetunectlProcess { request in
            if request.target.contains("after=0") { return (200, "{\"seq\":1}\n{\"seq\":5}\n") }
            if request.target.contains("after=5") { return (200, "{\"seq\":6}\n") }
            return (200, "")
        }
        defer { control.end() }
        let ending = try control.run(["data", "export", "interactions", "-d", "a"])
        #expect(ending.output == "{\"seq\":1}\n{\"seq\":5}\n{\"seq\":6}\n")
        #expect(control.requests.withLock { $0.count } == 3)
        // An experiment's rows have no place; a header tells where the next page begins.
        let server = try LoopbackServer { connection in
            while let request = connection.readRequest() {
                let isFirst = request.target.contains("/e-1/assignments?after=0")
                connection.respond(
                    status: 200, headers: isFirst ? ["retuned-next": "7"] : [:],
                    body: isFirst ? Array("{\"unit\":\"u\"}\n".utf8) : [])
            }
        }
        defer { server.close() }
        let rows = try RetunectlProcess.run(
            ["data", "export", "assignments", "-d", "a", "--experiment", "e-1", "--url", server.url], environment: [:])
        #expect(rows.output == "{\"unit\":\"u\"}\n")
    }

    @Test("config check says what is wrong and where")
    func configuration() throws {
        let folder = FileManager.default.temporaryDirectory.path
        let path = folder + "/retuned-\(UUID().uuidString).yaml"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "limits:\n  bodySize: 3\n".write(toFile: path, atomically: true, encoding: .utf8)
        let ending = try RetunectlProcess.run(["config", "check", path], environment: [:])
        #expect(ending.status == 7)
        #expect(ending.errors.contains("limits.bodySize"))
        let valid = try RetunectlProcess.run(["config", "check", "config/retuned.yaml"], environment: [:])
        #expect(valid.status == 0)
    }

    private static func writeGzip(_ text: String, _ path: String) throws {
        let input = Array(text.utf8)
        var output = [UInt8](repeating: 0, count: zlib_gzip_bound(input.count))
        var produced = 0
        let status = unsafe zlib_gzip(input, input.count, 6, &output, output.count, &produced)
        try #require(status == ZLIB_DONE)
        try Data(output[..<produced]).write(to: URL(fileURLWithPath: path))
    }
}
