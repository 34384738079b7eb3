package import Values

/// Every route of the daemon. The router is checked against this table, and the OpenAPI document is made from it.
package enum Routes {
    package static let all: [Route] = applications + operators + experiments + shadows + administration + machines

    private static let page = [
        Route.Query(name: "after", isInteger: true, explanation: "Only what comes after this place in the log."),
        Route.Query(name: "limit", isInteger: true, explanation: "Most lines of this page; 1000 where it is absent."),
    ]
    private static let partial = [
        Route.Query(
            name: "partial", isInteger: false,
            explanation: "true: keep the good records of a batch and answer for each one.")
    ]

    private static let applications: [Route] = [
        Route(
            method: .post, path: "/v1/interactions", scope: .ingest,
            summary: "Log queries and their answers; answered after they are committed and synced.",
            request: PostedInteraction.self, takesBatch: true, response: IngestAnswer.self,
            problems: [400, 409, 413, 415, 503], query: partial),
        Route(
            method: .post, path: "/v1/ratings", scope: .ingest, summary: "Log what people think of answers.",
            request: PostedRating.self, takesBatch: true, response: IngestAnswer.self,
            problems: [400, 409, 413, 415, 503], query: partial),
        Route(
            method: .post, path: "/v1/chat/completions", scope: .assign,
            summary: "OpenAI's chat completions: assigns the arm, forwards, logs the interaction.", isOpen: true,
            problems: [400, 404, 413, 502, 503, 504], failure: ModelError.self),
        Route(
            method: .get, path: "/v1/models", scope: .assign, summary: "The deployments, as OpenAI lists models.",
            response: ModelList.self),
        Route(
            method: .post, path: "/ofrep/v1/evaluate/flags/{deployment}", scope: .assign,
            summary: "OpenFeature remote evaluation: which adapter this unit is to be served by.",
            request: OFREPRequest.self, response: OFREPEvaluation.self, problems: [400, 404, 413],
            failure: OFREPFailure.self),
        Route(
            method: .post, path: "/ofrep/v1/evaluate/flags", scope: .assign,
            summary: "OpenFeature remote evaluation of every deployment.", request: OFREPRequest.self,
            response: OFREPBulk.self, problems: [400, 413], isCached: true, failure: OFREPFailure.self),
    ]

    private static let operators: [Route] = [
        Route(
            method: .get, path: "/v1/deployments", scope: .read, summary: "Every deployment's state.",
            response: DeploymentList.self),
        Route(
            method: .get, path: "/v1/deployments/{deployment}", scope: .read,
            summary: "What is serving, since when and why, and what comes next.", response: DeploymentView.self,
            problems: [404]),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/drift", scope: .read, summary: "What the detectors see.",
            response: DriftView.self, problems: [404]),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/impact", scope: .read,
            summary: "The impact map and the selection made from it.", response: ImpactView.self, problems: [404]),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/cycles", scope: .read, summary: "The loop's turns.",
            response: CycleList.self, problems: [404]),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/cycles/{cycle}", scope: .read, summary: "One turn.",
            response: CycleView.self, problems: [404]),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/cycles/{cycle}/dossier", scope: .read,
            summary: "Everything that the turn's decisions rest on.", response: Dossier.self, problems: [404]),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/adapters", scope: .read, summary: "Every adapter.",
            response: AdapterList.self, problems: [404]),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/adapters/{adapter}", scope: .read,
            summary: "One adapter and its lineage.", response: AdapterView.self, problems: [404]),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/adapters/{adapter}/dossier", scope: .read,
            summary: "The dossier of the cycle that made it.", response: Dossier.self, problems: [404]),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/interactions", scope: .read,
            summary: "Which interactions are kept, in the order of the log.", response: InteractionRow.self,
            responseMedia: .lines, problems: [400, 404], query: page),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/ratings", scope: .read,
            summary: "Which ratings are kept, in the order of the log.", response: RatingRow.self,
            responseMedia: .lines, problems: [400, 404], query: page),
        Route(
            method: .post, path: "/v1/deployments/{deployment}/actions", scope: .operate,
            summary: "Retrain, approve, reject, promote, roll back, advance, cancel, pause, resume.",
            request: ActionRequest.self, response: ActionResult.self, status: 202, problems: [400, 404, 409, 503]),
        Route(
            method: .delete, path: "/v1/deployments/{deployment}/units", scope: .erase,
            summary: "Forget a person, and say which adapters saw them.", request: EraseRequest.self,
            response: EraseResult.self, problems: [400, 404, 503]),
        Route(
            method: .post, path: "/v1/deployments/{deployment}/units/export", scope: .erase,
            summary: "Everything that is kept about a person.", request: EraseRequest.self,
            response: OpenObject.self, responseMedia: .lines, problems: [400, 404]),
    ]

    private static let experiments: [Route] = [
        Route(
            method: .get, path: "/v1/deployments/{deployment}/plan", scope: .read,
            summary: "How long an experiment would take at this traffic, and what harm it would stop.",
            response: PlanView.self, problems: [404]),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/traffic", scope: .read,
            summary: "The requests of the last 14 days that an experiment could have counted, with their scores.",
            response: TrafficRow.self, responseMedia: .lines, problems: [400, 404], query: page),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/experiments", scope: .read, summary: "Every experiment.",
            response: ExperimentList.self, problems: [404]),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/experiments/{experiment}", scope: .read,
            summary: "Arms, looks, guardrails, ramp and decision.", response: ExperimentView.self, problems: [404]),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/experiments/{experiment}/assignments", scope: .read,
            summary: "Who is in which arm, since when.", response: AssignmentRow.self, responseMedia: .lines,
            problems: [400, 404], query: page),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/experiments/{experiment}/newcomers", scope: .read,
            summary: "Who was not there when it began and came to rate, where bursts of them are set aside.",
            response: NewcomerRow.self, responseMedia: .lines, problems: [400, 404], query: page),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/experiments/{experiment}/difficulties", scope: .read,
            summary: "How difficult the rated units' first queries are.", response: DifficultyRow.self,
            responseMedia: .lines, problems: [400, 404], query: page),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/experiments/{experiment}/ratings", scope: .read,
            summary: "The ratings that the looks were made from.", response: ExperimentRatingRow.self,
            responseMedia: .lines, problems: [400, 404], query: page),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/experiments/{experiment}/requests", scope: .read,
            summary: "The requests that the looks counted, without their texts.", response: ExperimentRequestRow.self,
            responseMedia: .lines, problems: [400, 404], query: page),
    ]

    private static let shadows: [Route] = [
        Route(
            method: .get, path: "/v1/deployments/{deployment}/shadows/{cycle}", scope: .read,
            summary: "Where a cycle's shadow replay stands: pairs, judgements and decision.", response: ShadowView.self,
            problems: [404]),
        Route(
            method: .get, path: "/v1/deployments/{deployment}/shadows/{cycle}/pairs", scope: .judge,
            summary: "Logged queries with both arms' answers, blind until the end.", response: ShadowPairRow.self,
            responseMedia: .lines, problems: [400, 404],
            query: [
                Route.Query(
                    name: "judge", isInteger: false, explanation: "Only pairs that this judge has not judged."),
                Route.Query(name: "limit", isInteger: true, explanation: "Most lines; 1000 where it is absent."),
            ]),
        Route(
            method: .post, path: "/v1/deployments/{deployment}/shadows/{cycle}/judgements", scope: .judge,
            summary: "Say which answers are better; of a judge and a pair the latest counts.",
            request: PostedJudgement.self, takesBatch: true, response: JudgementAnswer.self,
            problems: [400, 404, 409, 413, 415, 503]),
    ]

    private static let administration: [Route] = [
        Route(
            method: .get, path: "/v1/tokens", scope: .admin, summary: "Every token, without its secret.",
            response: TokenList.self),
        Route(
            method: .post, path: "/v1/tokens", scope: .admin, summary: "Make a token; its secret is shown once.",
            request: TokenRequest.self, response: TokenCreated.self, status: 201, problems: [400, 404, 503]),
        Route(
            method: .delete, path: "/v1/tokens/{token}", scope: .admin, summary: "Revoke a token.",
            response: TokenView.self, problems: [404, 503]),
        Route(
            method: .get, path: "/v1/webhooks", scope: .admin, summary: "Every receiver and how it does.",
            response: WebhookList.self),
        Route(
            method: .get, path: "/v1/webhooks/dead-letters", scope: .admin, summary: "Deliveries that were given up.",
            response: DeadLetterList.self),
        Route(
            method: .post, path: "/v1/webhooks/test", scope: .admin, summary: "Send a receiver a test event.",
            request: WebhookRequest.self, response: WebhookQueued.self, status: 202, problems: [400, 404, 503]),
        Route(
            method: .post, path: "/v1/webhooks/resend", scope: .admin, summary: "Try dead letters again.",
            request: WebhookResendRequest.self, response: WebhookQueued.self, status: 202, problems: [400, 404, 503]),
        Route(
            method: .post, path: "/v1/webhooks/enable", scope: .admin,
            summary: "Send to a receiver again that was disabled, what waits for it first.",
            request: WebhookRequest.self, response: WebhookQueued.self, status: 202, problems: [400, 404, 503]),
        Route(
            method: .post, path: "/v1/configuration/reload", scope: .admin,
            summary: "Read the configuration file again, and say what is in force and what needs a restart.",
            response: ReloadView.self, problems: [409]),
    ]

    private static let machines: [Route] = [
        Route(
            method: .get, path: "/v1/openapi.json", summary: "This description (OpenAPI 3.1).",
            response: OpenObject.self),
        Route(
            method: .get, path: "/healthz", summary: "Whether the process lives.", response: HealthView.self,
            problems: [503], failure: HealthView.self),
        Route(
            method: .get, path: "/readyz", summary: "Whether it takes records.", response: HealthView.self,
            problems: [503], failure: HealthView.self),
        Route(method: .get, path: "/metrics", summary: "Prometheus' text format.", responseMedia: .text),
    ]

    /// An object whose members are not fixed here.
    package typealias OpenObject = [String: JSONValue]
}
