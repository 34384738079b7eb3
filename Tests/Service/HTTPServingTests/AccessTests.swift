import API
import HTTPListener
import HTTPServing
import Locking
import OutboundHTTP
import Store
import Testing
import Values

@Suite("Access to the routes") struct AccessTests {
    @Test func tokensAreMadeShownOnceAndRevoked() async throws {
        try await DaemonUnderTest.run { daemon in
            let made = try await daemon.send("POST", "/v1/tokens", ["name": "ci", "scopes": ["read"]])
            #expect(made.status == 201)
            let text = made.json["token"]?.stringValue ?? ""
            #expect(text.hasPrefix("rt_"))
            let id = made.json["view"]?["id"]?.stringValue ?? ""
            let list = try await daemon.send("GET", "/v1/tokens")
            #expect(list.json["tokens"]?.arrayValue?.count == 1 && !list.text.contains(text))
            let found1 = try await daemon.send("GET", "/v1/deployments", token: text)
            #expect(found1.status == 200)
            let stored = try await daemon.store.token(id: id)
            #expect(stored?.hash.count == 32)
            let found2 = try await daemon.send("DELETE", "/v1/tokens/\(id)")
            #expect(found2.status == 200)
            let after = try await daemon.send("GET", "/v1/deployments", token: text)
            #expect(after.status == 401 && after.json["detail"]?.stringValue?.contains("revoked") == true)
            let found3 = try await daemon.send("DELETE", "/v1/tokens/unknown")
            #expect(found3.status == 404)
            let admin = try await daemon.send("POST", "/v1/tokens", ["name": "x", "scopes": ["admin"]])
            #expect(admin.status == 400)
        }
    }

    @Test func tokensEndAndAreSeenInUse() async throws {
        try await DaemonUnderTest.run { daemon in
            let over = try await daemon.send(
                "POST", "/v1/tokens",
                ["name": "over", "scopes": ["read"], "expires": .string(DaemonUnderTest.now.description)])
            #expect(over.status == 400 && over.json["field"] == "expires")
            let soon = DaemonUnderTest.now.advanced(bySeconds: 60)
            let made = try await daemon.send(
                "POST", "/v1/tokens", ["name": "brief", "scopes": ["read"], "expires": .string(soon.description)])
            #expect(made.json["view"]?["expires"] == .string(soon.description))
            let text = made.json["token"]?.stringValue ?? ""
            let id = made.json["view"]?["id"]?.stringValue ?? ""
            let unused = try await daemon.send("GET", "/v1/tokens")
            #expect(unused.json["tokens"]?.arrayValue?.first?["lastUsed"] == nil)
            let good = try await daemon.send("GET", "/v1/deployments", token: text)
            #expect(good.status == 200)
            // Seen at once, written behind the requests.
            let used = try await daemon.send("GET", "/v1/tokens")
            #expect(used.json["tokens"]?.arrayValue?.first?["lastUsed"] == .string(DaemonUnderTest.now.description))
            let before = try await daemon.store.token(id: id)
            #expect(before?.lastUsed == nil)
            try await daemon.routes.noteTokenUses()
            let written = try await daemon.store.token(id: id)
            #expect(written?.lastUsed == DaemonUnderTest.now && written?.expires == soon)
            daemon.wallClock.withLock { $0 = soon }
            let late = try await daemon.send("GET", "/v1/deployments", token: text)
            #expect(late.status == 401 && late.json["type"] == "urn:retuned:problem:token-expired")
            #expect(late.json["detail"]?.stringValue?.contains("brief ended at \(soon)") == true)
            // A refused use is none.
            try await daemon.routes.noteTokenUses()
            let refused = try await daemon.store.token(id: id)
            #expect(refused?.lastUsed == DaemonUnderTest.now)
        }
    }

    @Test func namesOfTokensArePrintable() async throws {
        try await DaemonUnderTest.run { daemon in
            for name in ["a\nb", "a\u{7}", "a\u{2028}b", "a\u{202E}b", ""] {
                let answer = try await daemon.send(
                    "POST", "/v1/tokens", ["name": .string(name), "scopes": ["ingest"]])
                #expect(
                    answer.status == 400 && answer.json["field"] == "name", "\(name.debugDescription): \(answer.json)")
            }
        }
    }

    @Test func whoMayNotIsToldWhy() async throws {
        try await DaemonUnderTest.run { daemon in
            let reader = try await daemon.token(["read"])
            let wrong = String(reader.dropLast()) + (reader.last == "0" ? "1" : "0")
            for bad in ["", "rt_", "nonsense", wrong] {
                let answer = try await daemon.send("GET", "/v1/deployments", token: bad)
                #expect(answer.status == 401 && answer.headers["www-authenticate"] != nil)
            }
            let ingest = try await daemon.send("POST", "/v1/interactions", Records.interaction("i"), token: reader)
            #expect(ingest.status == 403 && ingest.json["type"] == "urn:retuned:problem:scope-missing")
            // Administration is for the Unix socket alone.
            let tokens = try await daemon.send("GET", "/v1/tokens", token: reader)
            #expect(tokens.status == 403 && tokens.json["type"] == "urn:retuned:problem:unix-socket-only")
            // Gateway and OpenFeature answer in their own forms.
            let chat = try await daemon.send("POST", "/v1/chat/completions", Records.question(), token: reader)
            #expect(chat.status == 403 && chat.json["error"]?["code"] == "scope-missing")
        }
    }

    @Test func aTokenOfOneDeploymentReachesNoOther() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["ingest", "read", "assign"], deployment: "support-en")
            let found4 = try await daemon.send("GET", "/v1/deployments/support-en", token: token)
            #expect(found4.status == 200)
            let found5 = try await daemon.send("GET", "/v1/deployments/other", token: token)
            #expect(found5.status == 403)
            let found6 = try await daemon.send("GET", "/v1/models", token: token)
            #expect(found6.json["data"]?.arrayValue?.count == 1)
        }
    }

    @Test func aConfigurationThatIsRefusedIsTold() async throws {
        try await DaemonUnderTest.run { daemon in
            let answer = try await daemon.send("POST", "/v1/configuration/reload")
            #expect(answer.status == 409 && answer.text.contains("limits.bodySize"))
        }
    }

    @Test func peersOfTheSocketMustBeOperators() async throws {
        try await DaemonUnderTest.run(mayOperate: false) { daemon in
            let answer = try await daemon.send("GET", "/v1/tokens")
            #expect(answer.status == 401)
            let found7 = try await daemon.send("GET", "/healthz")
            #expect(found7.status == 200)
        }
    }

    @Test func machinesOnTheSameHostNeedNoToken() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["ingest"])
            _ = try await daemon.send("POST", "/v1/interactions", Records.interaction("i-1"), token: token)
            let ready = try await daemon.send("GET", "/readyz", token: "none")
            #expect(ready.status == 200 && ready.json["status"] == "ok")
            let metrics = try await daemon.send("GET", "/metrics", token: "none")
            #expect(metrics.text.contains("retuned_ingest_records_total{outcome=\"accepted\"} 1\n"))
            #expect(
                metrics.text.contains(
                    "retuned_requests_total{route=\"/v1/interactions\",method=\"POST\",status=\"200\"} 1\n"))
            #expect(metrics.text.contains("retuned_loop_state{deployment=\"support-en\",state=\"watching\"} 1\n"))
            #expect(metrics.text.contains("process_resident_memory_bytes "))
        }
    }

    @Test func theRoutesAreThoseOfTheTableAndTheDocument() async throws {
        try await DaemonUnderTest.run { daemon in
            var table: [String: Set<String>] = [:]
            for route in API.Routes.all { table[route.path, default: []].insert(route.method.rawValue) }
            let served = daemon.routes.buildRoutes().all
            #expect(served.count == table.count)
            for (path, methods) in served { #expect(table[path] == Set(methods), "\(path)") }
            let document = try await daemon.send("GET", "/v1/openapi.json", token: "none")
            let paths = document.json["paths"]?.objectValue?.members.map(\.name) ?? []
            #expect(Set(paths) == Set(table.keys))
        }
    }
}
