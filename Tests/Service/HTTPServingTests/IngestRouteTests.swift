import FoundationEssentials
import OutboundHTTP
import Store
import Testing
import Values

@Suite("Ingest routes") struct IngestRouteTests {
    @Test func recordsAreCommittedOnceAndConflictsAreTold() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["ingest", "read"])
            let first = try await daemon.send("POST", "/v1/interactions", Records.interaction("i-1"), token: token)
            #expect(first.status == 200 && first.json == ["accepted": 1, "duplicates": 0])
            let batch: JSONValue = [Records.interaction("i-1"), Records.interaction("i-2")]
            let second = try await daemon.send("POST", "/v1/interactions", batch, token: token)
            #expect(second.json == ["accepted": 1, "duplicates": 1])
            let other = try await daemon.send(
                "POST", "/v1/interactions", Records.interaction("i-1", response: "other"), token: token)
            #expect(other.status == 409 && other.json["type"] == "urn:retuned:problem:id-conflict")
            #expect(other.headers["content-type"] == "application/problem+json")
            // A rating may come before its interaction, a line each.
            let lines = [Records.rating("r-1", of: "i-1"), Records.rating("r-2", of: "i-9")]
            let ratings = try await daemon.send(
                "POST", "/v1/ratings", Array(lines.map(\.serialized).joined(separator: [0x0A])), token: token,
                headers: ["content-type": "application/x-ndjson"])
            #expect(ratings.json == ["accepted": 2, "duplicates": 0])
            let page = try await daemon.send(
                "GET", "/v1/deployments/support-en/interactions?after=0&limit=1", token: token)
            #expect(page.lines.map { $0["id"] } == ["i-1"])
            #expect(page.headers["retuned-next"] == "1")
            let rest = try await daemon.send("GET", "/v1/deployments/support-en/interactions?after=1", token: token)
            #expect(rest.lines.map { $0["id"] } == ["i-2"])
            #expect(rest.lines[0]["unit"]?.stringValue?.utf8.count == 32)
            let export = try await daemon.send("GET", "/v1/deployments/support-en/ratings", token: token)
            #expect(export.lines.map { $0["interaction"] } == ["i-1", "i-9"])
        }
    }

    @Test func partialBatchesKeepTheGoodRecords() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["ingest"])
            _ = try await daemon.send("POST", "/v1/interactions", Records.interaction("i-1"), token: token)
            let batch: JSONValue = [
                Records.interaction("i-2"), Records.interaction("i-1"), Records.interaction("i-1", response: "other"),
                ["id": "i-3"], Records.interaction("i-4", deployment: "nowhere"),
            ]
            let answer = try await daemon.send("POST", "/v1/interactions?partial=true", batch, token: token)
            #expect(answer.status == 200)
            #expect(answer.json["accepted"] == 1 && answer.json["duplicates"] == 1 && answer.json["rejected"] == 3)
            let results = answer.json["results"]?.arrayValue ?? []
            #expect(results.map { $0["status"] } == ["accepted", "duplicate", "conflict", "rejected", "rejected"])
            #expect(results.last?["problem"]?["field"] == "deployment")
            let whole = try await daemon.send("POST", "/v1/interactions", batch, token: token)
            #expect(whole.status == 400 && whole.json["record"] == 3)
        }
    }

    /// Bad input, each with its status and kind; nothing of it is kept.
    @Test func whatIsNeitherTrueNorFalseIsRefused() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["ingest"])
            let answer = try await daemon.send(
                "POST", "/v1/interactions?partial=maybe", Records.interaction("i-1"), token: token)
            #expect(answer.status == 400)
            #expect(try await daemon.store.counts(deployment: "support-en").interactions == 0)
        }
    }

    @Test func textThatIsNoJSONIsPlaced() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["ingest"])
            let deep = String(repeating: "[", count: 40)
            let batch = "[{\"id\": \"a\"}, {\"id\": \"b\", \"metadata\": {\"x\": \(deep)"
            let answer = try await daemon.send("POST", "/v1/interactions", Array(batch.utf8), token: token)
            #expect(answer.status == 400 && answer.json["record"] == 1, "\(answer.json)")
            #expect(answer.json["field"]?.stringValue?.hasPrefix("metadata.x[0]") == true, "\(answer.json)")
            let lines = try await daemon.send(
                "POST", "/v1/interactions", Array("{}\n{\"id\": nix}\n".utf8), token: token,
                headers: ["content-type": "application/x-ndjson"])
            #expect(lines.json["record"] != nil)
        }
    }

    @Test func badInputIsRefused() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["ingest"])
            let cases: [(body: [UInt8], headers: [String: String], status: Int, kind: String)] = [
                (Array("{\"id\": ".utf8), [:], 400, "json-invalid"),
                (Array("[]".utf8), [:], 400, "records-missing"),
                (Records.interaction("i", deployment: "nowhere").serialized, [:], 400, "deployment-unknown"),
                (Array("{\"id\": 7}".utf8), [:], 400, "field-type"),
                (Array("{\"x\": 1}".utf8), [:], 400, "field-missing"),
                (Self.misspelt, [:], 400, "field-unknown"),
                (Array("<xml/>".utf8), ["content-type": "text/xml"], 415, "media-type-unsupported"),
                ([UInt8](repeating: 0x20, count: DaemonUnderTest.bodyBytes + 1), [:], 413, "content-too-large"),
                ([UInt8](repeating: UInt8(ascii: "["), count: 10_000), [:], 400, "json-invalid"),
                (Array("not gzip at all".utf8), ["content-encoding": "gzip"], 400, "bad-request"),
                (Self.bomb, ["content-encoding": "gzip"], 413, "content-too-large"),
            ]
            for (index, item) in cases.enumerated() {
                let answer = try await daemon.send(
                    "POST", "/v1/interactions", item.body, token: token, headers: item.headers)
                #expect(answer.status == item.status, "case \(index): \(answer.text)")
                #expect(
                    answer.json["type"] == .string("urn:retuned:problem:\(item.kind)"), "case \(index): \(answer.text)")
            }
            let counts = try await daemon.store.counts(deployment: "support-en")
            #expect(counts.interactions == 0)
        }
    }

    @Test func gzipIsRead() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["ingest"])
            let answer = try await daemon.send(
                "POST", "/v1/interactions", Self.small, token: token, headers: ["content-encoding": "gzip"])
            #expect(answer.json == ["accepted": 1, "duplicates": 0])
        }
    }

    private static let misspelt: [UInt8] = {
        guard case .object(var object) = Records.interaction("i") else { return [] }
        object["respnse"] = "x"
        return JSONValue.object(object).serialized
    }()

    /// 262 144 zeros.
    private static let bomb = decoded(
        "H4sIAAAAAAACA+3BMQEAAADCoPVP7W0HoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3gAi6g7iAAAEAA=="
    )
    /// One interaction, `zip-1`.
    private static let small = decoded(
        "H4sIAAAAAAACAyWMQQrCMBBF7/LXDSQBXeQcrhQXYgcbSDJDJl1o6d2dKvzVe4+/Ic9I+GRxARNmksLvSm0Y1FWE+3DUzIxcyVj08exCcPF08T79djVbSfXxIkW6behcjnRV6qae3Mb/b8nY7xM6qXDTI1moFMb+BROCPpqFAAAA"
    )

    private static func decoded(_ text: String) -> [UInt8] { Data(base64Encoded: text).map(Array.init) ?? [] }
}
