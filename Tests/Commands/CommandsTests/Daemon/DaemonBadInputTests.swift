import CZlib
import Foundation
import OutboundHTTP
import Testing
import Values

@Suite("DaemonBadInput: what is refused, with a clear reason, and nothing is lost by it")
struct DaemonBadInputTests {
    private static let configuration = """
        limits: {bodyBytes: 65536}
        deployments: [{name: support}]
        """

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var body: [UInt8]
        var headers: [String: String] = [:]
        var paths = ["/v1/interactions", "/v1/ratings"]
        var status: Int
        var problem: String
        /// Words of the explanation.
        var words: String

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "wrong JSON", body: Array("{\"id\": ".utf8), status: 400, problem: "json-invalid", words: "JSON"),
        Case(
            name: "a wrong type", body: Array("{\"id\": 7}".utf8), status: 400, problem: "field-type", words: "id"),
        Case(
            name: "an unknown deployment", body: unknownDeployment, paths: ["/v1/interactions"], status: 400,
            problem: "deployment-unknown",
            words: "nowhere"),
        Case(
            name: "a body too large", body: [UInt8](repeating: 0x20, count: 65537), status: 413,
            problem: "content-too-large", words: "65536"),
        Case(
            name: "a gzip bomb", body: gzip([UInt8](repeating: 0, count: 8 << 20)),
            headers: ["content-encoding": "gzip"], status: 413, problem: "content-too-large", words: "65536"),
        Case(
            name: "garbage for gzip", body: Array("not gzip at all".utf8), headers: ["content-encoding": "gzip"],
            status: 400, problem: "bad-request", words: "gzip"),
        Case(
            name: "half a gzip body", body: Array(gzip(Array(repeating: 0x20, count: 4000)).dropLast(12)),
            headers: ["content-encoding": "gzip"], status: 400, problem: "bad-request", words: "gzip"),
        Case(
            name: "deep nesting", body: [UInt8](repeating: UInt8(ascii: "["), count: 10_000), status: 400,
            problem: "json-invalid", words: "nest"),
        Case(
            name: "another media type", body: Array("<xml/>".utf8), headers: ["content-type": "text/xml"], status: 415,
            problem: "media-type-unsupported", words: "application/json"),
    ]

    private static let unknownDeployment: [UInt8] = {
        guard case .object(var object) = RunningDaemon.interaction("i") else { return [] }
        object["deployment"] = "nowhere"
        return JSONValue.object(object).serialized
    }()

    private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: zlib_gzip_bound(bytes.count))
        var produced = 0
        _ = unsafe zlib_gzip(bytes, bytes.count, 6, &output, output.count, &produced)
        return Array(output[..<produced])
    }

    @Test func `every refusal says what was wrong, and good records before and after it are kept`() async throws {
        let daemon = try RunningDaemon(Self.configuration)
        try await daemon.start()
        for (index, item) in Self.cases.enumerated() {
            for path in item.paths {
                let answer = try await daemon.send("POST", path, item.body, headers: item.headers)
                #expect(answer.status == item.status, "\(item.name): \(answer.text)")
                #expect(answer.problem == item.problem, "\(item.name): \(answer.text)")
                #expect(answer.headers["content-type"] == "application/problem+json")
                let detail = answer.json["detail"]?.stringValue ?? ""
                #expect(detail.contains(item.words), "\(item.name): \(detail)")
            }
            #expect(try await daemon.log("good-\(index)").status == 200)
        }
        #expect(try await daemon.loggedIDs() == Self.cases.indices.map { "good-\($0)" })
        #expect(try await daemon.send("GET", "/readyz").status == 200)
    }

    @Test func `a bad token and a missing scope are refused`() async throws {
        let daemon = try RunningDaemon(Self.configuration)
        try await daemon.start()
        let made = try await daemon.post("/v1/tokens", ["name": "reader", "scopes": ["read"]])
        let token = try #require(made.json["token"]?.stringValue)
        for bad in ["", "rt_", "nonsense", token + "0", String(token.dropLast())] {
            let answer = try await daemon.post("/v1/interactions", RunningDaemon.interaction("i"), token: bad)
            #expect(answer.status == 401, "\(bad)")
            #expect(answer.json["detail"]?.stringValue?.contains("token") == true)
            #expect(!answer.text.contains(token))
        }
        let missing = try await daemon.post("/v1/interactions", RunningDaemon.interaction("i"), token: token)
        #expect(missing.status == 403 && missing.problem == "scope-missing")
        #expect(missing.json["detail"]?.stringValue?.contains("ingest") == true)
        #expect(!daemon.log.contains(token))
        #expect(try await daemon.loggedIDs() == [])
    }
}
