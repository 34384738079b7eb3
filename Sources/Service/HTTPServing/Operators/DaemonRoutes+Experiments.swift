import API
import Experimentation
import FeedbackLoop
import HTTPListener
import HTTPTypes
import Hummingbird
import Settings
import Store
import Traffic
import Values

extension DaemonRoutes {
    func listExperiments(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        var views: [ExperimentView] = []
        for record in try await context.store.experiments(deployment: deployment.name) {
            views.append(try await view(of: record, in: deployment))
        }
        return try .object(ExperimentList(experiments: views))
    }

    func showExperiment(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        return try .object(try await view(of: try await experiment(of: call, in: deployment), in: deployment))
    }

    private func experiment(of call: Call, in deployment: ServedDeployment) async throws -> ExperimentRecord {
        let id = try call.parameter("experiment")
        guard let record = try await context.store.experiment(id: id), record.deployment == deployment.name else {
            throw ListenerProblem.notFound("\(deployment.name) has no experiment \(id).")
        }
        return record
    }

    /// An experiment whose rows are exported, with its looks, in order.
    private func exported(_ call: Call, of deployment: ServedDeployment) async throws -> (
        record: ExperimentRecord, looks: [LookRecord]
    ) {
        let record = try await experiment(of: call, in: deployment)
        return (record, try await context.store.looks(experiment: record.id))
    }

    /// Who is in which arm, each with the first look that saw it. Without `limit` all lines; with it a page, whose last place is in `retuned-next`.
    func exportAssignments(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        let (record, looks) = try await exported(call, of: deployment)
        let design = try StrictJSON.decode(ExperimentDesign.self, from: record.design, ignoringUnknownFields: true)
        let (id, goal) = (record.id, deployment.loop.goal(of: design))
        let arrivals = try await deployment.loop.arrivals(of: record, design)
        let store = context.store
        return try await export(call) { after, limit in
            let page = try await store.assignments(experiment: id, after: after, limit: limit)
            let earlier = try await deployment.loop.earlierRatings(
                of: id, on: goal, after: after, through: page.last?.sequence ?? after)
            let newcomers = try await store.newcomers(
                experiment: id, after: after, through: page.last?.sequence ?? after)
            return page.map { stored in
                let assignment = stored.assignment
                let before = earlier[stored.sequence]
                let isNewcomer = newcomers.contains(stored.sequence)
                let isInBurst = isNewcomer && arrivals?.standing(of: assignment.unit) == .aside
                return (
                    stored.sequence,
                    AssignmentRow(
                        unit: assignment.unit, arm: assignment.arm, time: assignment.time,
                        exposure: assignment.exposure * 100, conversation: assignment.conversation,
                        excluded: assignment.excluded, enrolledAs: assignment.enrolledAs,
                        earlierRatings: before?.ratings, earlierScores: before?.scores,
                        newcomer: isNewcomer ? true : nil,
                        aside: isInBurst ? "burst" : isNewcomer && design.setsNewcomersAside ? "newcomer" : nil,
                        look: looks.firstIndex { $0.position.assignments >= stored.sequence })
                )
            }
        }
    }

    /// When those came to rate who were not there when it began, each with the first look that saw it; none where that is not
    /// watched.
    func exportNewcomers(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        let (record, looks) = try await exported(call, of: deployment)
        let design = try StrictJSON.decode(ExperimentDesign.self, from: record.design, ignoringUnknownFields: true)
        let (id, store) = (record.id, context.store)
        let position = try await store.position()
        let arrivals = try await deployment.loop.arrivals(of: record, design)
        return try await export(call) { after, limit -> [(Int64, NewcomerRow)] in
            guard let arrivals else { return [] }
            return try await store.newcomerRatings(
                experiment: id, position: position, after: after, limit: limit
            ).map { rating in
                let look = looks.firstIndex { look in
                    look.position.log.ratings >= rating.sequence
                        && look.position.log.interactions >= rating.interactionSequence
                }
                let isInBurst = rating.newcomers.contains { arrivals.standing(of: $0) == .aside }
                return (
                    rating.sequence,
                    NewcomerRow(
                        newcomers: rating.newcomers, received: rating.received, aside: isInBurst ? "burst" : nil,
                        look: look)
                )
            }
        }
    }

    /// How difficult the rated units' first queries are, each with the first look that saw it.
    func exportDifficulties(_ call: Call) async throws -> Response {
        let (record, looks) = try await exported(call, of: try deployment(of: call))
        let (id, store) = (record.id, context.store)
        return try await export(call) { after, limit in
            try await store.difficulties(experiment: id, after: after, limit: limit).map { row in
                (
                    row.sequence,
                    DifficultyRow(
                        unit: row.unit, difficulty: row.nats,
                        look: looks.firstIndex { $0.position.difficulties >= row.sequence })
                )
            }
        }
    }

    /// The ratings that looks were made from, each with the first look that saw it.
    func exportExperimentRatings(_ call: Call) async throws -> Response {
        let (record, looks) = try await exported(call, of: try deployment(of: call))
        let (id, store) = (record.id, context.store)
        let position = try await store.position()
        return try await export(call) { after, limit in
            try await store.experimentRatings(
                experiment: id, position: position, after: after, limit: limit
            ).map { rating in
                let look = looks.firstIndex { look in
                    look.position.log.ratings >= rating.sequence
                        && look.position.log.interactions >= rating.interactionSequence
                }
                return (
                    rating.sequence,
                    ExperimentRatingRow(
                        unit: rating.unit, rater: rating.rater, interaction: rating.interaction, scale: rating.scale,
                        value: rating.value.json, time: rating.time, received: rating.received,
                        newcomer: rating.isByNewcomer ? true : nil, look: look)
                )
            }
        }
    }

    /// The requests that looks counted, each with the first look that saw it.
    func exportExperimentRequests(_ call: Call) async throws -> Response {
        let (record, looks) = try await exported(call, of: try deployment(of: call))
        let (id, store) = (record.id, context.store)
        let position = try await store.position()
        return try await export(call) { after, limit in
            try await store.experimentInteractions(
                experiment: id, position: position, after: after, limit: limit
            ).map { request in
                (
                    request.sequence,
                    ExperimentRequestRow(
                        unit: request.unit, interaction: request.id, time: request.time, received: request.received,
                        failed: request.failed,
                        latencyMilliseconds: request.latencyMilliseconds,
                        timeToFirstTokenMilliseconds: request.timeToFirstTokenMilliseconds,
                        promptTokens: request.promptTokens, completionTokens: request.completionTokens,
                        otherArm: request.isOtherArm ? true : nil,
                        look: looks.firstIndex { $0.position.log.interactions >= request.sequence })
                )
            }
        }
    }

    static let mostLines = 10_000

    /// Streams rows as lines: one page of `limit`, or all of them, page by page.
    func export<Row: Encodable & Sendable>(
        _ call: Call, page: @escaping @Sendable (_ after: Int64, _ limit: Int) async throws -> [(Int64, Row)]
    ) async throws -> Response {
        let after = try call.number("after") ?? 0
        if let limit = try call.number("limit") {
            let limit = min(Int(limit), Self.mostLines)
            let rows = try await page(after, limit)
            return try .lines(
                rows.map(\.1), headers: Self.next(rows.last?.0, rows: rows.count, limit: limit))
        }
        return .stream(contentType: "application/x-ndjson") { writer in
            var after = after
            while true {
                let rows = try await page(after, 1000)
                var bytes: [UInt8] = []
                for row in rows { bytes += try StrictJSON.encodeBytes(row.1) + [0x0A] }
                if !bytes.isEmpty { try await writer.write(bytes) }
                guard rows.count == 1000, let last = rows.last else { break }
                after = last.0
            }
        }
    }
}
