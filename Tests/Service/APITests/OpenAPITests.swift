import API
import Testing
import Traffic
import Values

@Suite("OpenAPI document") struct OpenAPITests {
    let document = OpenAPIDocument.make()

    @Test func hasExactlyTheRoutes() throws {
        var described: Set<String> = []
        for path in try #require(document["paths"]?.objectValue).members {
            for method in try #require(path.value.objectValue).members {
                described.insert("\(method.name.uppercased()) \(path.name)")
            }
        }
        let routes = Routes.all.map { "\($0.method.rawValue) \($0.path)" }
        #expect(described == Set(routes))
        #expect(Set(routes).count == routes.count, "two routes have the same method and path")
    }

    @Test func everyReferenceIsResolved() throws {
        var references: Set<String> = []
        func collect(_ value: JSONValue) {
            switch value {
            case .object(let object):
                if let reference = object["$ref"]?.stringValue { references.insert(reference) }
                for member in object.members { collect(member.value) }
            case .array(let elements): for element in elements { collect(element) }
            default: break
            }
        }
        collect(document)
        let schemas = try #require(document["components"]?["schemas"]?.objectValue)
        #expect(references == Set(schemas.members.map { "#/components/schemas/\($0.name)" }))
        #expect(references.count > 40)
    }

    @Test func operationsAreComplete() throws {
        var identifiers: Set<String> = []
        for route in Routes.all {
            let operation = try #require(document["paths"]?[route.path]?[route.method.rawValue.lowercased()])
            identifiers.insert(operation["operationId"]?.stringValue ?? "")
            let names = operation["parameters"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
            #expect(
                names == route.parameters + route.query.map(\.name) + (route.isCached ? ["If-None-Match"] : []))
            #expect((operation["responses"]?["304"] != nil) == route.isCached)
            #expect(operation["x-scope"]?.stringValue == route.scope?.rawValue)
            #expect((operation["responses"]?["401"] != nil) == (route.scope != nil))
            #expect((operation["requestBody"] != nil) == (route.request != nil || route.isOpen))
            let content = operation["responses"]?[String(route.status)]?["content"]?.objectValue
            #expect(content?[route.responseMedia.rawValue] != nil)
            if route.response != nil { #expect(content?.members.first?.value["schema"] != [:]) }
        }
        #expect(identifiers.count == Routes.all.count)
    }

    @Test func schemasSayWhatIsRequired() throws {
        let schema = try #require(document["components"]?["schemas"]?["Problem"])
        #expect(
            schema == [
                "type": "object",
                "properties": [
                    "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
                    "detail": ["type": "string"], "record": ["type": "integer"], "field": ["type": "string"],
                ],
                "additionalProperties": false, "required": ["type", "title", "status", "detail"],
            ])
        let schemas = document["components"]?["schemas"]
        let look = schemas?["LookView"]?["properties"]
        #expect(look?["interval"] == ["type": "array", "items": ["type": "number"]])
        #expect(look?["time"] == ["type": "string", "format": "date-time"])
        #expect(schemas?["CycleView"]?["properties"]?["state"]?["enum"]?.arrayValue?.count == CycleState.allCases.count)
        #expect(
            schemas?["Dossier"]?["properties"]?["training"]?["items"] == ["$ref": "#/components/schemas/TrainingRow"])
        #expect(schemas?["DeploymentView"]?["properties"]?["cost"]?["additionalProperties"] == ["type": "number"])
        #expect(schemas?["ModelView"]?["properties"]?["owned_by"] != nil)
    }

    /// What the document says may be posted is what the edge reads: each field, and no other.
    @Test func postedRecordsAreThoseThatAreRead() throws {
        let schemas = try #require(document["components"]?["schemas"])
        for name in ["PostedInteraction", "PostedRating"] {
            let properties = try #require(schemas[name]?["properties"]?.objectValue)
            let required = Set(schemas[name]?["required"]?.arrayValue?.compactMap(\.stringValue) ?? [])
            let edge = TrafficEdge(
                keys: try PseudonymKeys(
                    credential: PseudonymKeys.credential(id: "a", secret: Array(repeating: 1, count: 32))),
                scales: ["d": [RatingScale(name: "thumb", kind: .thumb, good: 1, bad: 0)]])
            let whole = try #require(name == "PostedInteraction" ? Examples.interaction : Examples.rating).objectValue!
            #expect(
                Set(whole.members.map(\.name)).union(["error"]) == Set(properties.members.map(\.name)).union(["error"]))
            let now = Timestamp("2026-05-01T10:00:00Z")!
            func isRead(_ object: JSONObject) -> Bool {
                if name == "PostedInteraction" {
                    (try? edge.interaction(from: object, received: now)) != nil
                } else {
                    (try? edge.rating(from: object, received: now)) != nil
                }
            }
            #expect(isRead(whole))
            for member in whole.members {
                var object = whole
                object[member.name] = nil
                // The schema cannot say "one of response and error".
                if member.name != "response" { #expect(isRead(object) != required.contains(member.name)) }
            }
        }
    }
}
