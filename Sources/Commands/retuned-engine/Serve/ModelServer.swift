import Contracts
import HTTPListener
import Hummingbird
import NIOCore
import Transformer
import Values

/// The routes of the serving contract.
struct ModelServer: Sendable {
    let base: ServedModel
    let registry: AdapterRegistry
    let scheduler: AnswerScheduler
    let now: @Sendable () -> Timestamp
    private let identifiers = AnswerIdentifiers()

    init(
        base: ServedModel, registry: AdapterRegistry, scheduler: AnswerScheduler,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.base = base
        self.registry = registry
        self.scheduler = scheduler
        self.now = now
    }

    var routes: Routes {
        let routes = Routes()
        routes.get("/health") { _, _ in Response(status: .ok) }
        routes.get("/v1/models") { _, _ in try models() }
        routes.post("/v1/chat/completions") { _, context in
            try await Self.answering { try await complete(context) }
        }
        routes.post("/v1/load_lora_adapter") { _, context in
            try await Self.answering {
                let request = try await Self.body(LoadAdapterRequest.self, context)
                try registry.load(name: request.name, folder: request.path)
                return Response.text("Success: LoRA adapter '\(request.name)' added successfully.")
            }
        }
        routes.post("/v1/unload_lora_adapter") { _, context in
            try await Self.answering {
                let request = try await Self.body(UnloadAdapterRequest.self, context)
                try registry.unload(name: request.name)
                return Response.text("Success: LoRA adapter '\(request.name)' removed successfully.")
            }
        }
        return routes
    }

    /// Answers a failure in OpenAI's form; the listener would make a problem of it.
    private static func answering(_ route: () async throws -> Response) async throws -> Response {
        do {
            return try await route()
        } catch let failure as CompletionFailure {
            return failure.response
        }
    }

    private static func bytes(_ context: ListenerContext) async throws -> [UInt8] {
        var buffer = try await context.collectBody()
        return buffer.readBytes(length: buffer.readableBytes) ?? []
    }

    private static func body<T: Decodable>(_ type: T.Type, _ context: ListenerContext) async throws -> T {
        do {
            return try StrictJSON.decode(type, parsing: try await bytes(context), ignoringUnknownFields: true)
        } catch let error as StrictJSONError {
            throw CompletionFailure.invalid(error.path, error.reason)
        } catch let error as JSONSyntaxError {
            throw CompletionFailure.invalid(nil, "The body is no JSON text: \(error)")
        }
    }

    private func models() throws -> Response {
        let base = ModelList.Model(id: base.name, root: base.model.digest)
        let adapters = registry.served.map {
            ModelList.Model(id: $0.name, root: $0.folder, parent: base.id)
        }
        return .json(try StrictJSON.encodeBytes(ModelList(data: [base] + adapters)))
    }

    private func complete(_ context: ListenerContext) async throws -> Response {
        let request = try CompletionRequest(parsing: try await Self.bytes(context))
        let adapter = registry.adapter(named: request.model)
        guard adapter != nil || request.model == base.name else {
            throw CompletionFailure.modelNotFound(request.model)
        }
        let prompt = try prompt(request)
        let room = base.model.configuration.maximumPositions - prompt.count
        guard room > 0 else {
            throw CompletionFailure.invalid(
                "messages",
                "have \(prompt.count) tokens and leave no room for an answer; the model's context is "
                    + "\(base.model.configuration.maximumPositions) tokens", code: "context_length_exceeded")
        }
        let events = try scheduler.answer(
            AnswerRequest(
                prompt: prompt, adapter: adapter,
                sampling: SamplingSettings(
                    temperature: request.temperature, topProbability: request.topProbability,
                    seed: request.seed ?? UInt64.random(in: 0...UInt64.max)),
                maximumTokens: min(room, request.maximumTokens ?? room), stops: request.stops,
                topLogProbabilities: request.topLogProbabilities))
        let writer = CompletionWriter(
            identifier: identifiers.next(), created: now().milliseconds / 1000, model: request.model,
            tokenizer: base.template.tokenizer, promptTokens: prompt.count,
            reportsTokens: request.topLogProbabilities != nil)
        // Cancels the task that iterates the events, which drops the answer.
        context.cancelWhenClientLeaves()
        if request.stream {
            return Response.eventStream { stream in
                try await writer.stream(events, includingUsage: request.includesUsage) { try await stream.send($0) }
            }
        }
        return .json(try await writer.whole(events).serialized)
    }

    private func prompt(_ request: CompletionRequest) throws -> [Int32] {
        do {
            return try base.template.tokens(request.messages, addingGenerationPrompt: true).map(Int32.init)
        } catch {
            throw CompletionFailure.invalid("messages", "\(error)")
        }
    }
}
