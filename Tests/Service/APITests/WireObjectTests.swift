import API
import Testing
import Traffic
import Values

@Suite("Wire objects") struct WireObjectTests {
    static func roundTrip<T: Codable>(_ type: T.Type, _ value: JSONValue) throws -> JSONValue {
        try StrictJSON.encode(StrictJSON.decode(type, from: value))
    }

    @Test func deploymentIsTheContractsExample() throws {
        #expect(try Self.roundTrip(DeploymentView.self, Examples.deployment) == Examples.deployment)
    }

    @Test func postedRecords() throws {
        #expect(try Self.roundTrip(PostedRating.self, Examples.rating) == Examples.rating)
        let interaction = try StrictJSON.decode(PostedInteraction.self, from: Examples.interaction)
        #expect(interaction.messages[0].content == "Where is my card?")
    }

    static let examples: [(String, JSONValue)] = [
        (
            "problem",
            [
                "type": "urn:retuned:problem:field-missing", "title": "t", "status": 400, "detail": "d", "record": 2,
                "field": "messages[0].role",
            ]
        ),
        ("action", ["id": "a-1", "action": "rollback", "adapter": "d-v3", "reason": "it is worse"]),
        ("assignment", ["unit": "ab", "arm": "candidate", "time": "2026-05-01T09:30:00.000Z", "exposure": 25]),
        (
            "event",
            [
                "type": "adapter.rolled_back", "timestamp": "2026-05-01T09:30:00.000Z",
                "data": ["deployment": "d", "summary": "s"],
            ]
        ),
        (
            "ofrep",
            ["key": "d", "value": "d-v3", "variant": "candidate", "reason": "SPLIT", "metadata": ["version": 7]]
        ),
        ("models", ["object": "list", "data": [["id": "d", "object": "model", "created": 1, "owned_by": "retuned"]]]),
        ("failure", ["key": "d", "errorCode": "FLAG_NOT_FOUND", "errorDetails": "no such deployment"]),
        ("token", ["name": "app", "scopes": ["ingest", "assign"], "deployment": "d"]),
    ]

    @Test(arguments: examples)
    func roundTrips(name: String, value: JSONValue) throws {
        let result =
            switch name {
            case "problem": try Self.roundTrip(Problem.self, value)
            case "action": try Self.roundTrip(ActionRequest.self, value)
            case "assignment": try Self.roundTrip(AssignmentRow.self, value)
            case "event": try Self.roundTrip(WebhookEvent.self, value)
            case "ofrep": try Self.roundTrip(OFREPEvaluation.self, value)
            case "models": try Self.roundTrip(ModelList.self, value)
            case "failure": try Self.roundTrip(OFREPFailure.self, value)
            default: try Self.roundTrip(TokenRequest.self, value)
            }
        #expect(result == value)
    }

    @Test func wrongOnesNameTheirField() {
        let error = #expect(throws: StrictJSONError.self) {
            try StrictJSON.decode(ActionRequest.self, from: ["id": "a", "action": "explode", "reason": "r"])
        }
        #expect(error?.path == "action" && error?.reason.contains("retrain, approve") == true)
        #expect(throws: StrictJSONError.self) {
            try StrictJSON.decode(TokenRequest.self, from: ["name": "a", "scopes": ["read"], "scope": "x"])
        }
    }

    @Test func problemsComeFromTraffic() {
        let problem = Problem(
            TrafficError(kind: .fieldTooLarge, detail: "Record 2, field id: too long.", record: 2, field: "id"))
        #expect(problem.type == "urn:retuned:problem:field-too-large" && problem.status == 413 && problem.record == 2)
        #expect(problem.kind == "field-too-large")
        #expect(Set(TrafficError.Kind.allCases.map(\.title)).count == TrafficError.Kind.allCases.count)
    }
}
