import Store
import API
import Crypto
import FeedbackLoop
import HTTPListener
import HTTPTypes
import Hummingbird
import Values

extension DaemonRoutes {
    var openFeatureHandlers: [String: Handler] {
        [
            "POST /ofrep/v1/evaluate/flags/{deployment}": { try await evaluateOne($0) },
            "POST /ofrep/v1/evaluate/flags": { try await evaluateAll($0) },
        ]
    }

    private struct Context {
        var unit: String
        var conversation: String?
    }

    private func evaluateOne(_ call: Call) async throws -> Response {
        let key = try call.parameter("deployment")
        guard let deployment = context.deployments.first(where: { $0.name == key }), call.caller.may(see: key) else {
            return try .object(
                OFREPFailure(key: key, errorCode: .flagNotFound, errorDetails: "there is no deployment named \(key)"),
                status: .notFound)
        }
        switch try await read(call, key: key) {
        case .failure(let failure): return try .object(failure, status: .badRequest)
        case .success(let wanted): return try .object(try await evaluate(deployment, wanted))
        }
    }

    private func evaluateAll(_ call: Call) async throws -> Response {
        switch try await read(call, key: nil) {
        case .failure(let failure): return try .object(failure, status: .badRequest)
        case .success(let wanted):
            var flags: [OFREPEvaluation] = []
            for deployment in context.deployments where call.caller.may(see: deployment.name) {
                flags.append(try await evaluate(deployment, wanted))
            }
            let bytes = try StrictJSON.encodeBytes(OFREPBulk(flags: flags))
            let tag = "\"" + hexadecimal(Array(SHA256.hash(data: bytes).prefix(16))) + "\""
            if call.request.headers[.ifNoneMatch] == tag {
                return Response(status: .notModified, headers: [.eTag: tag])
            }
            return .json(bytes, headers: [.eTag: tag])
        }
    }

    private enum Reading {
        case success(Context)
        case failure(OFREPFailure)
    }

    private func read(_ call: Call, key: String?) async throws -> Reading {
        func failure(_ code: OFREPErrorCode, _ details: String) -> Reading {
            .failure(OFREPFailure(key: key, errorCode: code, errorDetails: details))
        }
        guard let value = try? JSONValue(parsing: try await call.body()), value.objectValue != nil else {
            return failure(.parseError, "the body is not a JSON object")
        }
        guard let context = value["context"] else { return failure(.invalidContext, "the body has no context") }
        guard context.objectValue != nil else { return failure(.invalidContext, "context is not an object") }
        guard let targetingKey = context["targetingKey"] else {
            return failure(.targetingKeyMissing, "context.targetingKey names the unit: a user or a tenant")
        }
        guard let unit = targetingKey.stringValue, !unit.isEmpty, unit.utf8.count <= 200 else {
            return failure(.invalidContext, "context.targetingKey has to be a text of 1 to 200 bytes")
        }
        let conversation = context["conversation"]
        if let conversation, conversation.stringValue == nil {
            return failure(.invalidContext, "context.conversation has to be a text")
        }
        return .success(Context(unit: unit, conversation: conversation?.stringValue))
    }

    /// Evaluates and enrols: what the answer says is what later rows of this unit count as.
    private func evaluate(_ deployment: ServedDeployment, _ wanted: Context) async throws -> OFREPEvaluation {
        let choice = try await choose(
            deployment, unit: wanted.unit, conversation: wanted.conversation, at: context.now())
        if !choice.enrolments.isEmpty { _ = try await context.store.enrol(choice.enrolments) }
        var metadata: [String: JSONValue] = ["version": .integer(Int64(deployment.loop.arms.version))]
        if let experiment = choice.arm.experiment { metadata["experiment"] = .string(experiment) }
        return OFREPEvaluation(
            key: deployment.name, value: choice.arm.servedName, variant: choice.arm.variant.rawValue,
            reason: choice.arm.experiment == nil ? "STATIC" : "SPLIT", metadata: metadata)
    }
}
