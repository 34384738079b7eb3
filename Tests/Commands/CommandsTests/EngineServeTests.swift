import Foundation
import OutboundHTTP
import Testing
import Values

@Suite(
    "EngineServe", .serialized, .enabled(if: EngineServeFixture.isAvailable, "RETUNED_MODELS has no support-base"))
struct EngineServeTests {
    /// Sums are taken in another order in another batch; float32 over eight layers keeps log-probabilities to 1e-3.
    static let tolerance = 1e-3

    private func expectSame(_ left: EngineServeFixture.Answer, _ right: EngineServeFixture.Answer) {
        #expect(left.text == right.text)
        #expect(left.logProbabilities.count == right.logProbabilities.count)
        for (one, other) in zip(left.logProbabilities, right.logProbabilities) {
            #expect(abs(one - other) < Self.tolerance)
        }
    }

    /// Asks everything at once.
    private func together(
        _ engine: EngineServeFixture, _ asked: [(text: String, model: String)]
    ) async throws -> [EngineServeFixture.Answer] {
        try await withThrowingTaskGroup(of: (Int, EngineServeFixture.Answer).self) { group in
            for (index, (text, model)) in asked.enumerated() {
                group.addTask { (index, try await engine.answer(text, model: model)) }
            }
            var answers: [Int: EngineServeFixture.Answer] = [:]
            for try await (index, answer) in group { answers[index] = answer }
            return answers.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    @Test func `answers alike alone, in a batch and streamed`() async throws {
        let engine = try EngineServeFixture()
        var alone: [EngineServeFixture.Answer] = []
        for query in EngineServeFixture.queries { alone.append(try await engine.answer(query)) }
        #expect(alone.first?.text == "weather")
        let batch = try await together(engine, EngineServeFixture.queries.map { ($0, "support-base") })
        for (one, other) in zip(alone, batch) { expectSame(one, other) }
        for (query, answer) in zip(EngineServeFixture.queries, alone) {
            let request = EngineServeFixture.request(
                query, ["stream": true, "logprobs": true, "stream_options": ["include_usage": true]])
            let (text, chunks) = try await engine.streamed(request)
            let tokens = chunks.flatMap {
                $0["choices"]?.arrayValue?.first?["logprobs"]?["content"]?.arrayValue ?? []
            }
            expectSame(.init(text: text, logProbabilities: tokens.compactMap { $0["logprob"]?.doubleValue }), answer)
            #expect((chunks.last?["usage"]?["completion_tokens"]?.intValue ?? 0) >= tokens.count)
        }
    }

    @Test func `adapters do not mix, and come and go while serving`() async throws {
        let folders = try [1, 2].map { try EngineServeAdapter.make(seed: $0) }
        defer { folders.forEach(EngineServeAdapter.remove) }
        let engine = try EngineServeFixture(["--adapter", "one=\(folders[0])"])
        let load: JSONValue = ["lora_name": "two", "lora_path": .string(folders[1]), "load_inplace": false]
        let running = Task { try await engine.answer("tell me a joke", model: "one") }
        let loaded = try await engine.post("/v1/load_lora_adapter", load)
        #expect(loaded.status == 200)
        #expect(loaded.text == "Success: LoRA adapter 'two' added successfully.")
        _ = try await running.value
        let models = ["support-base", "one", "two"]
        let asked = EngineServeFixture.queries.prefix(8).flatMap { query in models.map { (query, $0) } }
        var alone: [EngineServeFixture.Answer] = []
        for (query, model) in asked { alone.append(try await engine.answer(query, model: model)) }
        for (one, other) in zip(alone, try await together(engine, asked)) { expectSame(one, other) }
        for index in stride(from: 0, to: alone.count, by: 3) {
            // Every adapter leaves its trace in the first token's log-probability.
            #expect(Set(alone[index..<index + 3].map { $0.logProbabilities.first }).count == 3)
        }
        let list = try await engine.get("/v1/models")["data"]?.arrayValue ?? []
        #expect(list.map { $0["id"]?.stringValue } == models)
        #expect(list.map { $0["parent"]?.stringValue } == [nil, "support-base", "support-base"])
        #expect(list[0]["root"]?.stringValue?.hasPrefix("sha256:") == true)
        #expect(try await engine.post("/v1/unload_lora_adapter", ["lora_name": "two"]).status == 200)
        #expect(try await engine.post("/v1/unload_lora_adapter", ["lora_name": "two"]).status == 404)
        let gone = try await engine.post(
            "/v1/chat/completions", EngineServeFixture.request("hello", model: "two"))
        #expect(gone.status == 404)
        #expect(try JSONValue(parsing: gone.text)["error"]?["code"]?.stringValue == "model_not_found")
        #expect(try await engine.answer("tell me a joke", model: "one") == (try await running.value))
    }

    @Test func `refuses adapters that do not fit and names that are taken`() async throws {
        let folder = try EngineServeAdapter.make(seed: 1)
        let other = try EngineServeAdapter.make(seed: 2)
        let wrong = try EngineServeAdapter.make(seed: 1, inputs: 703)
        defer { [folder, other, wrong].forEach(EngineServeAdapter.remove) }
        let engine = try EngineServeFixture()
        func load(_ name: String, _ folder: String) async throws -> (status: Int, text: String) {
            try await engine.post("/v1/load_lora_adapter", ["lora_name": .string(name), "lora_path": .string(folder)])
        }
        #expect(try await load("a", "/nowhere").status == 404)
        let refused = try await load("a", wrong)
        #expect(refused.status == 400)
        #expect(refused.text.contains("down_proj"))
        #expect(try await load("support-base", folder).status == 400)
        #expect(try await load("a", folder).status == 200)
        for again in [folder, other] {
            let answer = try await load("a", again)
            #expect(answer.status == 400)
            #expect(answer.text.contains("has already been loaded"))
        }
        #expect(try await engine.post("/v1/unload_lora_adapter", ["lora_name": "a"]).status == 200)
        #expect(try await load("a", other).text.contains("other bytes"))
        #expect(try await load("a", folder).status == 200)
        #expect(try await engine.post("/v1/load_lora_adapter", ["lora_name": "b"]).text.contains("lora_path"))
    }

    @Test func `says which field is wrong`() async throws {
        let engine = try EngineServeFixture()
        let long = String(repeating: "word ", count: 600)
        let cases: [(JSONValue, Int, String)] = [
            (EngineServeFixture.request("x", model: "nobody"), 404, "model"),
            (EngineServeFixture.request("x", ["temperature": 3]), 400, "temperature"),
            (EngineServeFixture.request("x", ["top_p": "a"]), 400, "top_p"),
            (EngineServeFixture.request("x", ["max_tokens": 0]), 400, "max_tokens"),
            (EngineServeFixture.request("x", ["n": 2]), 400, "n"),
            (EngineServeFixture.request("x", ["top_logprobs": 2]), 400, "top_logprobs"),
            (EngineServeFixture.request("x", ["stop": [""]]), 400, "stop"),
            (EngineServeFixture.request("x", ["tools": [["type": "function"]]]), 400, "tools"),
            (EngineServeFixture.request("x", ["messages": []]), 400, "messages"),
            (EngineServeFixture.request("x", ["messages": [["role": "cat", "content": ""]]]), 400, "messages[0].role"),
            (
                EngineServeFixture.request("x", ["messages": [["role": "user", "content": [["type": "image_url"]]]]]),
                400, "messages[0].content[0]"
            ),
            (EngineServeFixture.request(long), 400, "messages"),
        ]
        for (body, status, field) in cases {
            let answer = try await engine.post("/v1/chat/completions", body)
            #expect(answer.status == status)
            #expect(try JSONValue(parsing: answer.text)["error"]?["param"]?.stringValue == field)
        }
        let broken = try await engine.client.fetch(
            OutboundRequest(method: "POST", url: engine.url + "/v1/chat/completions", body: Array("{".utf8)))
        #expect(broken.status == 400)
    }

    @Test func `stops at stop strings, at the limit, and draws by seed`() async throws {
        let engine = try EngineServeFixture()
        let query = "i want to book a flight to boston"
        let whole = try await engine.answer(query)
        let letter = try #require(whole.text.dropFirst().first)
        func complete(_ more: JSONValue) async throws -> JSONValue {
            let (_, text) = try await engine.post("/v1/chat/completions", EngineServeFixture.request(query, more))
            return try JSONValue(parsing: text)
        }
        let stopped = try await complete(["stop": .string(String(letter))])
        let choice = stopped["choices"]?.arrayValue?.first
        #expect(choice?["message"]?["content"]?.stringValue == String(whole.text.prefix { $0 != letter }))
        #expect(choice?["finish_reason"]?.stringValue == "stop")
        let short = try await complete(["max_tokens": 1, "logprobs": true, "top_logprobs": 3])
        let first = short["choices"]?.arrayValue?.first
        #expect(first?["finish_reason"]?.stringValue == "length")
        #expect(short["usage"]?["completion_tokens"]?.intValue == 1)
        let token = first?["logprobs"]?["content"]?.arrayValue?.first
        let top = token?["top_logprobs"]?.arrayValue ?? []
        #expect(top.count == 3)
        #expect(top.first?["logprob"] == token?["logprob"])
        let drawn: JSONValue = ["temperature": 2, "seed": 7]
        let texts = try await [complete(drawn), complete(drawn)].map { $0["choices"] }
        #expect(texts[0] == texts[1])
    }

    @Test func `an answer that nobody reads any more is dropped`() async throws {
        let folder = try EngineServeAdapter.make(seed: 1, scale: 4)
        defer { EngineServeAdapter.remove(folder) }
        // One answer at a time, so that the next waits for the one before.
        let engine = try EngineServeFixture(["--maximum-batch", "1", "--adapter", "endless=\(folder)"])
        let endless = EngineServeFixture.request("x", model: "endless", ["stream": true, "max_tokens": 480])
        let clock = ContinuousClock()
        let whole = try await clock.measure {
            let chunks = try await engine.streamed(endless).chunks
            #expect(chunks.last?["choices"]?.arrayValue?.first?["finish_reason"]?.stringValue == "length")
        }
        let leaving = HTTPClient()
        let response = try await leaving.send(
            OutboundRequest(
                method: "POST", url: engine.url + "/v1/chat/completions", body: endless.serialized))
        var pieces = response.body.makeAsyncIterator()
        _ = try await pieces.next()
        leaving.close()
        // Waiting for the whole answer would take its whole time: the half is between the two.
        let next = try await clock.measure { _ = try await engine.answer("tell me a joke") }
        #expect(next < whole / 2)
    }

    @Test func `finishes answers after SIGTERM and leaves`() async throws {
        let folder = try EngineServeAdapter.make(seed: 1, scale: 4)
        defer { EngineServeAdapter.remove(folder) }
        let engine = try EngineServeFixture(["--adapter", "endless=\(folder)"])
        let request = EngineServeFixture.request("x", model: "endless", ["stream": true, "max_tokens": 480])
        let response = try await engine.client.send(
            OutboundRequest(method: "POST", url: engine.url + "/v1/chat/completions", body: request.serialized))
        var pieces = response.body.makeAsyncIterator()
        var text = try await pieces.next() ?? []
        engine.process.terminate()
        while let piece = try await pieces.next() { text += piece }
        #expect(String(decoding: text.suffix(16), as: UTF8.self).contains("[DONE]"))
        #expect(try engine.output.readToEnd() ?? Data() == Data())
        engine.process.waitUntilExit()
        #expect(engine.process.terminationStatus == 0)
        #expect(engine.process.terminationReason == .exit)
    }

    @Test func `dies with its parent when asked to`() throws {
        let pipe = Pipe()
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = [
            "-c", "\"$0\" serve --model \"$1\" --listen 127.0.0.1:0 --threads 1 --parent $$ & wait",
            EngineServeFixture.executable, EngineServeFixture.model,
        ]
        shell.standardOutput = pipe
        try shell.run()
        let output = pipe.fileHandleForReading
        while let byte = try output.read(upToCount: 1), byte != Data([0x0A]) {}
        kill(shell.processIdentifier, SIGKILL)
        // The pipe ends when the last process that holds it has ended.
        #expect(try output.readToEnd() ?? Data() == Data())
        shell.waitUntilExit()
    }
}
