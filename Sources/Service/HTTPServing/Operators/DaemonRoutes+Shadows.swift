import API
import Experimentation
import FeedbackLoop
import HTTPListener
import HTTPTypes
import Hummingbird
import Serving
import Settings
import Store
import Traffic
import Values

/// Shadow replays: where they stand, what there is to judge, and what judges say.
extension DaemonRoutes {
    func showShadow(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        let record = try await shadow(of: call, in: deployment)
        let design = try StrictJSON.decode(ShadowDesign.self, from: record.design, ignoringUnknownFields: true)
        let (look, standing) = try await deployment.loop.shadowLook(of: record, at: context.now())
        let isRunning = record.ended == nil
        return try .object(
            ShadowView(
                cycle: record.cycle, deployment: record.deployment, state: isRunning ? .running : .ended,
                incumbent: record.incumbent, candidate: record.candidate, started: record.started,
                ended: record.ended, pairs: standing.pairs, answered: standing.answered.count,
                alike: standing.alike, failed: standing.failed, trainedUnits: record.trainedUnits,
                judgedPairs: look.judgedPairs,
                judgedUnits: look.judgedUnits, burnInUnits: design.burnInUnits, alpha: design.alpha,
                harmAlpha: design.harmAlpha, mean: isRunning ? nil : look.mean,
                interval: isRunning ? nil : look.interval, decision: record.decision,
                reason: isRunning ? DeploymentLoop.blindReason(look) : look.reason,
                next: isRunning ? deployment.loop.next(look, standing) : nil))
    }

    /// Pairs that a judge has not judged, blind until the replay has ended; those whose answers are the same need no judge.
    func exportShadowPairs(_ call: Call) async throws -> Response {
        let record = try await shadow(of: call, in: try deployment(of: call))
        let limit = min(Int(try call.number("limit") ?? 1000), Self.mostLines)
        let judge = try call.query("judge").map { try pseudonym(ofJudge: $0, record: nil, of: record) }
        let pairs = try await context.store.judgeableShadowPairs(
            cycle: record.cycle, unjudgedBy: judge, limit: limit)
        return try .lines(
            pairs.compactMap { pair -> ShadowPairRow? in
                guard let incumbent = pair.incumbentAnswer, let candidate = pair.candidateAnswer else { return nil }
                let isFirst = ShadowReplay.showsCandidateFirst(salt: record.salt, pair: pair.number)
                return ShadowPairRow(
                    pair: pair.number,
                    messages: pair.interaction.logged.interaction.turns.map {
                        PostedMessage(role: $0.role, content: .string($0.content))
                    }, first: isFirst ? candidate : incumbent, second: isFirst ? incumbent : candidate,
                    candidate: record.ended == nil ? nil : isFirst ? .first : .second)
            })
    }

    /// All of the judgements or none.
    func postJudgements(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        let record = try await shadow(of: call, in: deployment)
        let posted = try await judgements(of: call)
        let pairs = try await context.store.judgeableShadowNumbers(cycle: record.cycle)
        let time = context.now()
        let judgements = try posted.enumerated().map { index, judgement in
            let judge = try pseudonym(ofJudge: judgement.judge, record: index, of: record)
            guard let sequence = pairs[judgement.pair] else {
                throw Self.refusal(
                    "pair",
                    "pair \(judgement.pair) is none that both adapters have answered, and differently; GET …/pairs lists them.",
                    index)
            }
            let isFirst = ShadowReplay.showsCandidateFirst(salt: record.salt, pair: judgement.pair)
            let (first, second) = try Self.scores(judgement, record: index)
            return ShadowJudgement(
                pair: sequence, judge: judge,
                value: ShadowReplay.judgement(
                    candidate: isFirst ? first : second, incumbent: isFirst ? second : first), time: time)
        }
        guard try await context.store.judge(judgements, cycle: record.cycle) else {
            throw ListenerProblem(
                .conflict, kind: "moved-on", title: "The loop has moved on.",
                detail: "The shadow replay of \(record.cycle) has ended (\(record.decision ?? "just now")).")
        }
        deployment.loop.wakeUp()
        return try .object(JudgementAnswer(accepted: judgements.count))
    }

    private func shadow(of call: Call, in deployment: ServedDeployment) async throws -> ShadowRecord {
        let id = try call.parameter("cycle")
        guard let record = try await context.store.shadow(cycle: id), record.deployment == deployment.name else {
            throw ListenerProblem.notFound("\(deployment.name) has no shadow replay of a cycle \(id).")
        }
        return record
    }

    private func judgements(of call: Call) async throws -> [PostedJudgement] {
        let body = try await call.body(limit: context.settings.limits.bodyBytes)
        let values: [(index: Int, value: JSONValue)]
        switch try TrafficFormat(contentType: call.request.headers[.contentType]) {
        case .json:
            let value = try Self.parse(body, record: nil)
            values = (value.arrayValue ?? [value]).enumerated().map { ($0, $1) }
        case .lines:
            values = try body.split(separator: 0x0A).filter { !$0.allSatisfy { [0x20, 0x09, 0x0D].contains($0) } }
                .enumerated().map { ($0, try Self.parse(Array($1), record: $0)) }
        }
        guard values.count <= context.settings.limits.recordsPerRequest else {
            throw ListenerProblem(
                .contentTooLarge, kind: "content-too-large", title: "The request body is too large.",
                detail: "Send at most \(context.settings.limits.recordsPerRequest) judgements at a time.")
        }
        return try values.map { index, value in
            do {
                return try StrictJSON.decode(PostedJudgement.self, from: value)
            } catch let error as StrictJSONError {
                throw Self.refusal(error.path, "\(error)", index)
            }
        }
    }

    private static func parse(_ bytes: [UInt8], record: Int?) throws -> JSONValue {
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw ListenerProblem(
                .badRequest, kind: "json-invalid", title: "The body is not JSON.", detail: "\(error)", record: record)
        }
    }

    /// A judge stands in the store as a rater does.
    private func pseudonym(ofJudge judge: String, record: Int?, of shadow: ShadowRecord) throws -> String {
        if let problem = PersonalName.problem(judge) {
            throw Self.refusal("judge", "judge \(problem)", record)
        }
        return context.keys.pseudonym(of: judge, kind: .unit, deployment: shadow.deployment)
    }

    private static func scores(_ judgement: PostedJudgement, record: Int) throws -> (first: Double, second: Double) {
        switch (judgement.preferred, judgement.first, judgement.second) {
        case (.first, nil, nil): return (1, 0)
        case (.second, nil, nil): return (0, 1)
        case (.same, nil, nil): return (0, 0)
        case (nil, let first?, let second?):
            for (name, score) in [("first", first), ("second", second)] where !(score >= 0 && score <= 1) {
                throw refusal(name, "\(name) is a score from 0 to 1.", record)
            }
            return (first, second)
        default:
            throw refusal(
                "preferred",
                "A judgement has either preferred (first, second or same) or both scores, first and second.",
                record)
        }
    }

    private static func refusal(_ field: String, _ detail: String, _ record: Int?) -> ListenerProblem {
        ListenerProblem(
            .badRequest, kind: "field-invalid", title: "A field's value is not allowed.", detail: detail,
            record: record, field: field)
    }
}
