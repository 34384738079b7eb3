import API
import Crypto
import FeedbackLoop
import HTTPListener
import HTTPTypes
import Hummingbird
import Settings
import Store
import Values

/// OpenFeature remote evaluation (OFREP 0.3): the same assignment as the gateway's, for applications that call their
/// model themselves. A unit is enrolled before it is answered, so that the logs it posts count.
extension DaemonRoutes {
    func evaluate(_ call: Call) async throws -> Response {
        let name = try call.parameter("deployment")
        try call.caller.check(name)
        guard let deployment = deployments[name] else {
            return try Self.refusal(
                .flagNotFound, "No deployment is named \(name); GET /v1/deployments lists them.", key: name,
                status: .notFound)
        }
        switch Subject.read(try await call.body(), depth: context.settings.limits.nesting) {
        case .failure(let refusal): return try Self.refusal(refusal.code, refusal.detail, key: name)
        case .success(let subject): return try .object(try await evaluation(of: deployment, for: subject))
        }
    }

    func evaluateAll(_ call: Call) async throws -> Response {
        let subject: Subject
        switch Subject.read(try await call.body(), depth: context.settings.limits.nesting) {
        case .failure(let refusal): return try Self.refusal(refusal.code, refusal.detail, key: nil)
        case .success(let read): subject = read
        }
        var flags: [OFREPEvaluation] = []
        for deployment in context.deployments where call.caller.may(see: deployment.name) {
            flags.append(try await evaluation(of: deployment, for: subject))
        }
        let bytes = try StrictJSON.encodeBytes(OFREPBulk(flags: flags))
        let tag = "\"\(hexadecimal(Array(SHA256.hash(data: bytes).prefix(16))))\""
        let known = (call.request.headers[.ifNoneMatch] ?? "").split(separator: ",").map { word in
            word.drop { $0 == " " || $0 == "W" || $0 == "/" }
        }
        if known.contains(where: { $0 == "*" || $0.hasPrefix(tag) }) {
            return Response(status: .notModified, headers: [.eTag: tag])
        }
        return .json(bytes, headers: [.eTag: tag])
    }

    private func evaluation(of deployment: ServedDeployment, for subject: Subject) async throws -> OFREPEvaluation {
        let assigned = try await assigner.assign(
            deployment, unit: subject.unit, conversation: subject.conversation, at: context.now())
        do {
            try await assigner.enrol(assigned)
        } catch StoreError.full {
            // The arm is a function of the unit: it is answered all the same, and what is logged meanwhile is refused.
        }
        var metadata: [String: JSONValue] = ["version": .integer(Int64(assigned.version))]
        if let experiment = assigned.experiment { metadata["experiment"] = .string(experiment) }
        return OFREPEvaluation(
            key: deployment.name, value: assigned.servedName, variant: assigned.variant.rawValue,
            reason: assigned.experiment == nil ? "STATIC" : "SPLIT", metadata: metadata)
    }

    private static func refusal(
        _ code: OFREPErrorCode, _ detail: String, key: String?, status: HTTPResponse.Status = .badRequest
    ) throws -> Response {
        try .object(OFREPFailure(key: key, errorCode: code, errorDetails: detail), status: status)
    }
}
