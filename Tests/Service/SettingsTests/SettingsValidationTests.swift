import Settings
import Testing
import Values

@Suite("SettingsValidation")
struct SettingsValidationTests {
    /// The error's path and reason; nil where the text is taken.
    private func fault(_ yaml: String, _ environment: [String: String] = [:]) -> SettingsError? {
        do throws(SettingsError) {
            _ = try Settings(yaml: yaml, environment: environment)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "an unknown key is an error with its path",
        arguments: [
            ("colour: red", "colour"), ("limits:\n  bodySize: 1", "limits.bodySize"),
            ("deployments:\n  - name: a\n    gate:\n      margins: 1%", "deployments[0].gate.margins"),
            ("webhooks:\n  - name: a\n    secret: whsec_", "webhooks[0].secret"),
        ])
    func unknownKeys(_ yaml: String, _ path: String) {
        #expect(fault(yaml)?.path == path)
    }

    @Test(
        "a value outside its range is an error with its path",
        arguments: [
            ("stateDirectory: here", "stateDirectory"), ("timeScale: 0.5", "timeScale"), ("logLevel: loud", "logLevel"),
            ("ballastBytes: -1", "ballastBytes"),
            ("ballastBytes: 65536", "ballastBytes"), ("retention: 0s", "retention"),
            ("listen: []\nsocket: \"\"", "listen"), ("socket: run/s", "socket"),
            ("listen: [\"127.0.0.1:8340\", \"127.0.0.1:8340\"]", "listen[1]"),
            (
                "deployments: [{name: a, scales: [{name: thumb, kind: stars, good: 7}]}]",
                "deployments[0].scales[0].good"
            ),
            ("listen: [\"127.0.0.1\"]", "listen[0]"), ("limits:\n  nesting: 0", "limits.nesting"),
            ("limits:\n  nesting: 1000000", "limits.nesting"),
            ("webhooks:\n  - {name: '', url: \"http://a\", secretFile: b}", "webhooks[0].name"),
            ("webhooks:\n  - {name: a, url: \"http://\", secretFile: b}", "webhooks[0].url"),
            ("webhooks:\n  - {name: a, url: \"http://h:99999/x\", secretFile: b}", "webhooks[0].url"),
            ("deployments:\n  - {name: a, server: \"http://\"}", "deployments[0].server"),
            ("deployments:\n  - {name: a, server: \"http://u:p@h:99999\"}", "deployments[0].server"),
            ("deployments:\n  - {name: a, adapterExport: b/c}", "deployments[0].adapterExport"),
            (
                "deployments: [{name: a, scales: [{name: s, kind: label, words: [x, x]}]}]",
                "deployments[0].scales[0].words"
            ),
            ("limits:\n  idleSeconds: 0", "limits.idleSeconds"), ("engine:\n  jobThreads: 0", "engine.jobThreads"),
            ("webhooks:\n  - {name: a, url: \"ftp://a\", secretFile: b}", "webhooks[0].url"),
            ("webhooks:\n  - {name: a, url: \"http://a\"}", "webhooks[0].secretFile"),
            (
                "webhooks:\n  - {name: a, url: \"http://a\", secretFile: b, types: [adapter.promote]}",
                "webhooks[0].types[0]"
            ),
            ("deployments:\n  - name: A b", "deployments[0].name"),
            ("deployments:\n  - name: a\n  - name: a", "deployments[1].name"),
            ("deployments:\n  - {name: a, server: gopher}", "deployments[0].server"),
            ("deployments:\n  - {name: a, goal: stars}", "deployments[0].goal"),
            ("deployments:\n  - {name: a, scales: []}", "deployments[0].scales"),
            ("deployments:\n  - {name: a, training: {replayShare: 10%}}", "deployments[0].training.replayShare"),
            ("deployments:\n  - {name: a, training: {rank: 32}}", "deployments[0].training.rank"),
            ("deployments:\n  - {name: a, experiment: {alpha: 0.9}}", "deployments[0].experiment.alpha"),
            ("deployments:\n  - {name: a, experiment: {steps: [25%, 5%]}}", "deployments[0].experiment.steps"),
            ("deployments:\n  - {name: a, experiment: {longest: 1h}}", "deployments[0].experiment.longest"),
            ("deployments:\n  - {name: a, gate: {margin: 100%}}", "deployments[0].gate.margin"),
            (
                "deployments:\n  - {name: a, experiment: {pinnedToCandidate: [u, ' v']}}",
                "deployments[0].experiment.pinnedToCandidate[1]"
            ),
            (
                "deployments:\n  - {name: a, experiment: {pinnedToCandidate: [u, v], pinnedToIncumbent: [v]}}",
                "deployments[0].experiment.pinnedToIncumbent"
            ),
            (
                "deployments:\n  - {name: a, experiment: {approvalSteps: [1]}}",
                "deployments[0].experiment.approvalSteps"
            ),
            (
                "deployments:\n  - {name: a, experiment: {approvalSteps: [4]}}",
                "deployments[0].experiment.approvalSteps"
            ),
            (
                "deployments:\n  - {name: a, experiment: {alpha: 30%, sides: one}}",
                "deployments[0].experiment.alpha"
            ),
            ("deployments:\n  - {name: a, experiment: {bursts: aside}}", "deployments[0].experiment.bursts"),
            (
                "deployments:\n  - {name: a, experiment: {shadowPairs: 49}}",
                "deployments[0].experiment.shadowPairs"
            ),
            (
                "deployments:\n  - {name: a, experiment: {margin: 60%}}",
                "deployments[0].experiment.margin"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: errors, of: latency, role: signal}]}}",
                "deployments[0].experiment.metrics[0].name"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: latency, role: signal}, {name: m, of: errors, role: signal}]}}",
                "deployments[0].experiment.metrics[1].name"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: errors, role: signal, limit: 1}]}}",
                "deployments[0].experiment.metrics[0].limit"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: completionTokens, better: higher, role: signal, limit: 200%}]}}",
                "deployments[0].experiment.metrics[0].limit"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: speed, role: signal}]}}",
                "deployments[0].experiment.metrics[0].of"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: latency, role: aim}]}}",
                "deployments[0].experiment.metrics[0].role"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: latency, change: absolute, role: goal}]}}",
                "deployments[0].experiment.metrics[0].minimumEffect"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: errors, better: higher, role: goal, minimumEffect: 5%}]}}",
                "deployments[0].experiment.metrics[0].better"
            ),
            (
                "deployments:\n  - {name: a, scales: [{name: thumb, kind: thumb}, {name: stars, kind: thumb}], goal: thumb, experiment: {metrics: [{name: m, of: rating, scale: stars, role: goal}]}}",
                "deployments[0].experiment.metrics[0].role"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: latency, role: goal, limit: 5%}]}}",
                "deployments[0].experiment.metrics[0].limit"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: latency, role: signal, minimumEffect: 5%}]}}",
                "deployments[0].experiment.metrics[0].minimumEffect"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: latency, role: goal, minimumEffect: 100%}]}}",
                "deployments[0].experiment.metrics[0].minimumEffect"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: latency, role: goal, minimumEffect: 0}]}}",
                "deployments[0].experiment.metrics[0].minimumEffect"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: latency, role: goal}, {name: n, of: promptTokens, role: goal}]}}",
                "deployments[0].experiment.metrics[1].role"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: latency}]}}",
                "deployments[0].experiment.metrics[0].role"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: rating, scale: nothing, role: signal}]}}",
                "deployments[0].experiment.metrics[0].scale"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: latency, role: signal, quantile: 2}]}}",
                "deployments[0].experiment.metrics[0].quantile"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: errors, role: signal, quantile: 0.9}]}}",
                "deployments[0].experiment.metrics[0].quantile"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: latency, role: signal, limit: -1}]}}",
                "deployments[0].experiment.metrics[0].limit"
            ),
            (
                "deployments:\n  - {name: a, experiment: {metrics: [{name: m, of: latency, role: signal, lmit: 1}]}}",
                "deployments[0].experiment.metrics[0].lmit"
            ),
        ])
    func ranges(_ yaml: String, _ path: String) {
        #expect(fault(yaml)?.path == path)
    }

    @Test(
        "a value of the wrong kind is an error with its path and says how it is written",
        arguments: [
            ("retention: 180", "retention", ""), ("retention: long", "retention", "30m, 6h or 1d"),
            ("behindProxy: yes", "behindProxy", ""),
            ("deployments:\n  - {name: a, mode: watch}", "deployments[0].mode", "not one of observe, propose, act"),
            ("deployments:\n  - {name: a, answers: both}", "deployments[0].answers", "not one of labels, text"),
            (
                "deployments:\n  - {name: a, drift: {falseAlarms: none}}", "deployments[0].drift.falseAlarms",
                "1 per 30d"
            ),
            ("deployments:\n  - {name: a, gate: {margin: some}}", "deployments[0].gate.margin", "5% or 0.05"),
            ("deployments:\n  - mode: act", "deployments[0].name", ""),
            (
                "deployments:\n  - {name: a, experiment: {ratingsPerUnitPerDay: 2.5}}",
                "deployments[0].experiment.ratingsPerUnitPerDay", "neither auto nor a whole number"
            ),
            (
                "deployments:\n  - {name: a, experiment: {ratingsPerRaterPerDay: some}}",
                "deployments[0].experiment.ratingsPerRaterPerDay", "neither auto nor a whole number"
            ),
        ])
    func kinds(_ yaml: String, _ path: String, _ advice: String) {
        let fault = fault(yaml)
        #expect(fault?.path == path)
        #expect(advice.isEmpty || fault?.reason.contains(advice) == true, "\(fault?.reason ?? "")")
    }

    @Test("text that is no YAML, and a key that stands twice, are errors")
    func notYAML() {
        #expect(fault("listen: [")?.reason.hasPrefix("not YAML") == true)
        #expect(fault("timeScale: 1\ntimeScale: 2") != nil)
    }

    @Test("an address that others can reach is refused without behindProxy, also one that only looks like loopback")
    func addresses() {
        for address in [
            "0.0.0.0:8340", "192.0.2.1:80", "[::]:80", "example.org:80", "127.example.org:80", "127.1:80", ":80",
        ] {
            #expect(fault("listen: [\"\(address)\"]")?.path == "listen[0]", "\(address)")
            #expect(fault("listen: [\"\(address)\"]\nbehindProxy: true") == nil, "\(address)")
        }
        for address in ["127.0.0.1:0", "127.8.9.10:80", "localhost:80", "[::1]:80"] {
            #expect(fault("listen: [\"\(address)\"]") == nil, "\(address)")
        }
    }

    @Test("variables of the environment stand over the file")
    func environment() throws {
        let yaml = "deployments:\n  - {name: a, model: /m}\nstateDirectory: /file"
        let settings = try Settings(
            yaml: yaml,
            environment: [
                "RETUNED_STATE_DIRECTORY": "/s", "STATE_DIRECTORY": "/other",
                "RETUNED_LISTEN": "127.0.0.1:1,localhost:2",
                "RETUNED_SOCKET": "/x.sock", "RETUNED_ENGINE": "/e", "RETUNED_MODEL": "/model",
                "RETUNED_ADAPTER": "/ad",
                "RETUNED_SERVER": "http://127.0.0.1:9", "RETUNED_GATE": "off", "RETUNED_PSEUDONYM_KEYS": "/k",
                "RETUNED_WEBHOOK_URL": "http://127.0.0.1:3/", "RETUNED_WEBHOOK_SECRET_FILE": "/w",
            ])
        #expect(settings.stateDirectory == "/s")
        #expect(settings.listen == ["127.0.0.1:1", "localhost:2"])
        #expect(settings.socket == "/x.sock")
        #expect(settings.engine.executable == "/e")
        #expect(settings.pseudonymKeys == "/k")
        #expect(settings.deployments[0].model == "/model")
        #expect(settings.deployments[0].adapter == "/ad")
        #expect(settings.deployments[0].server == "http://127.0.0.1:9")
        #expect(!settings.deployments[0].gate.enabled)
        #expect(settings.webhooks.map(\.url) == ["http://127.0.0.1:3/"])
        #expect(try Settings(yaml: yaml, environment: ["STATE_DIRECTORY": "/d"]).stateDirectory == "/d")
        // An empty variable is none.
        #expect(try Settings(yaml: yaml, environment: ["RETUNED_MODEL": ""]).deployments[0].model == "/m")
        #expect(fault("deployments: [{name: a}, {name: b}]", ["RETUNED_MODEL": "/m"])?.path == "deployments")
        #expect(fault(yaml, ["RETUNED_GATE": "maybe"]) != nil)
        #expect(fault(yaml, ["RETUNED_LISTEN": "0.0.0.0:1"])?.path == "listen[0]")
    }

    @Test("shares and durations are read in every form, and stars have thresholds of their own")
    func forms() throws {
        let yaml = """
            timeScale: 60
            retention: 1d12h
            deployments:
              - name: a
                scales: [{name: s, kind: stars}]
                gate: {margin: 0.05}
                cycle: {pause: 90s}
                experiment: {steps: [0.1, 20%], alpha: 1%}
            """
        let settings = try Settings(yaml: yaml)
        let deployment = settings.deployments[0]
        #expect(settings.retention == .seconds(36 * 3600))
        #expect(settings.scaled(deployment.cycle.pause) == 1.5)
        #expect(deployment.gate.margin == 0.05)
        #expect(deployment.experiment.steps == [0.1, 0.2])
        #expect(deployment.experiment.alpha == 0.01)
        #expect(deployment.goalScale == "s")
        #expect(deployment.scales[0].good == 4)
        #expect(deployment.scales[0].bad == 2)
    }
}
