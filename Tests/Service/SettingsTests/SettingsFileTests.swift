import Settings
import Testing
import Values

@Suite("SettingsFile")
struct SettingsFileTests {
    @Test("the annotated file as it is means the defaults")
    func defaults() throws {
        #expect(try Settings(yaml: AnnotatedFile.text()) == Settings())
        #expect(try Settings(yaml: "") == Settings())
    }

    @Test("its examples hold every default too")
    func examples() throws {
        let settings = try Settings(yaml: AnnotatedFile.withExamples())
        var deployment = DeploymentSettings()
        deployment.name = "support-en"
        deployment.model = "/srv/models/base"
        #expect(settings.deployments == [deployment])
        var webhook = WebhookSettings()
        webhook.name = "operations"
        webhook.url = "https://hooks.example.org/retuned"
        webhook.secretFile = "/etc/retuned/webhook-secret"
        #expect(settings.webhooks == [webhook])
    }

    @Test("it shows every key that the daemon knows, each with a comment on its default")
    func everyKey() throws {
        let lines = try AnnotatedFile.withExamples().split(separator: "\n").map(String.init)
        // Keys of the file with their paths, by indentation.
        var open: [(indent: Int, key: String)] = []
        var paths: Set<String> = []
        for line in lines where !line.drop(while: { $0 == " " }).hasPrefix("#") {
            let isItem = line.drop { $0 == " " }.hasPrefix("- ")
            let body = isItem ? line.replacing("- ", with: "  ", maxReplacements: 1) : line
            let indent = body.prefix { $0 == " " }.count
            guard let colon = body.firstIndex(of: ":") else { continue }
            open.removeAll { $0.indent >= indent }
            open.append((indent, String(body[..<colon].drop { $0 == " " })))
            paths.insert(open.map(\.key).joined(separator: "."))
            let isGroup = body.hasSuffix(":") || body.contains(":  ") && body.contains("scales:")
            if indent > 0, !isGroup, !["name", "url", "secretFile"].contains(open.last?.key) {
                #expect(body.contains("default"), "\(line)")
            }
        }
        for path in Self.everyPath { #expect(paths.contains(path), "\(path) is missing in config/retuned.yaml") }
    }

    @Test("a difference is told by its path, and only what a reload takes over is adopted")
    func changes() throws {
        let old = try Settings(yaml: AnnotatedFile.withExamples())
        #expect(old.changes(to: old) == [])
        var new = old
        new.retention += .seconds(1)
        new.engine.jobThreads += 1
        new.deployments[0].mode = .act
        new.deployments[0].scales[0].good = 0.9
        new.deployments[0].drift.falseAlarms.count = 2
        new.deployments[0].experiment.steps = [0.1]
        new.webhooks[0].url += "/x"
        #expect(
            old.changes(to: new) == [
                "retention", "engine.jobThreads", "webhooks[0].url", "deployments[0].mode",
                "deployments[0].scales[0].good", "deployments[0].drift.falseAlarms", "deployments[0].experiment.steps",
            ])
        let adopted = old.adoptingLiveKeys(of: new)
        #expect(adopted.changes(to: new).allSatisfy { !Settings.liveKeys.contains(Settings.key(of: $0)) })
        #expect(adopted.changes(to: new).count == 5)
        new.deployments = []
        #expect(old.changes(to: new).last == "deployments")
    }

    static let everyPath: [String] = {
        func keys<Keys: CaseIterable & CodingKey>(_ type: Keys.Type, _ prefix: String) -> [String] {
            type.allCases.map { prefix + $0.stringValue }
        }
        return keys(Settings.CodingKeys.self, "") + keys(LimitSettings.CodingKeys.self, "limits.")
            + keys(EngineSettings.CodingKeys.self, "engine.") + keys(WebhookSettings.CodingKeys.self, "webhooks.")
            + keys(DeploymentSettings.CodingKeys.self, "deployments.")
            + keys(ScaleSettings.CodingKeys.self, "deployments.scales.")
            + keys(DriftSettings.CodingKeys.self, "deployments.drift.")
            + keys(CycleSettings.CodingKeys.self, "deployments.cycle.")
            + keys(TrainingSettings.CodingKeys.self, "deployments.training.")
            + keys(GateSettings.CodingKeys.self, "deployments.gate.")
            + keys(ExperimentSettings.CodingKeys.self, "deployments.experiment.")
    }()
}
