import Foundation
import Glibc
import Locking
import OutboundHTTP
import Values

/// Everything that runs.
struct Stage: Sendable {
    var folder: String
    var stateFolder: String
    var socket: String
    var address: String
    var token: String
    /// Over the operators' socket.
    var operators: ServiceClient
    var player: PlayerLink
    /// Address of an engine apart from the daemon's, for earlier answers and for measuring.
    var engine: String
    var timeScale: Double
}

extension Demonstration {
    /// Starts daemon, receiver, a second engine and the player, and introduces them.
    func start(_ folder: String) async throws -> Stage {
        let state = "\(folder)/state"
        let socket = "\(folder)/retuned.sock"
        let timeScale = try Self.timeScale(settings.config)
        introduce(timeScale)
        let hook = try await receiver.start { [timeline] delivery in
            timeline.say(
                "  webhook \(delivery.type) (signature \(delivery.isVerified ? "verified" : "WRONG")): \(delivery.summary)"
            )
        }
        let secretFile = "\(folder)/webhook-secret"
        try Data((receiver.secret + "\n").utf8).write(to: URL(fileURLWithPath: secretFile))
        _ = unsafe chmod(secretFile, 0o600)
        let port = try Self.freePort()
        var environment = [
            "RETUNED_STATE_DIRECTORY": state, "RETUNED_LISTEN": "127.0.0.1:\(port)", "RETUNED_SOCKET": socket,
            "RETUNED_ENGINE": "\(settings.binaries)/retuned-engine", "RETUNED_MODEL": settings.model,
            "RETUNED_WEBHOOK_URL": hook, "RETUNED_WEBHOOK_SECRET_FILE": secretFile,
            "RETUNED_GATE": settings.isGateOff ? "off" : "on",
        ]
        if !settings.adapter.isEmpty { environment["RETUNED_ADAPTER"] = settings.adapter }
        try FileManager.default.createDirectory(
            atPath: state, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let daemon = try launch(
            "the daemon", "retuned", ["--config", settings.config], environment, log: "\(folder)/daemon.log")
        let operators = ServiceClient(http: http, base: "http://retuned", socket: socket)
        try await waitUntilReady(operators, daemon)
        timeline.say("the daemon serves \(settings.model) on 127.0.0.1:\(port)")
        let created = try await operators.post(
            "/v1/tokens", ["name": "demonstration", "scopes": ["ingest", "assign"], "deployment": "support"])
        guard let token = created["token"]?.stringValue else { throw DemoFailure("no token: \(created.text)") }
        let engine = try await startEngine(folder)
        let player = try await startPlayer("http://127.0.0.1:\(port)", token: token, folder: folder)
        return Stage(
            folder: folder, stateFolder: state, socket: socket, address: "http://127.0.0.1:\(port)", token: token,
            operators: operators, player: player, engine: engine, timeScale: timeScale)
    }

    private func introduce(_ timeScale: Double) {
        timeline.plain(
            """
            retuned: a language model serves a support desk, its traffic drifts, and the loop has to notice and mend it.
            scenario \(settings.scenario.rawValue), seed \(settings.seed); model \(settings.model)\(
                settings.adapter.isEmpty ? "" : " with \(settings.adapter)")
            traffic: \(settings.data.isEmpty ? "the project's own sample" : settings.data); it moves to \(
                settings.shifts.joined(separator: " and "))\(
                settings.scenario == .again ? ", then to \(settings.next.joined(separator: " and "))" : "")
            timeScale \(Figures.number(timeScale, 0)): every duration of the configuration is divided by it, a day passes in \(
                Figures.number(86_400 / timeScale, 1)) seconds
            \(settings.users) users; they rate \(Figures.percent(settings.rate)) of the answers and correct \(
                Figures.percent(settings.correct)) of the bad ones\(
                settings.hostile > 0 ? "; \(Figures.percent(settings.hostile)) of them label wrongly before the experiment" : "")
            """)
        timeline.plain()
    }

    private func launch(
        _ name: String, _ program: String, _ arguments: [String], _ environment: [String: String] = [:], log: String
    ) throws -> ChildCommand {
        let child = try ChildCommand(
            name, executable: "\(settings.binaries)/\(program)", arguments: arguments, environment: environment,
            logPath: log)
        children.withLock { $0.append(child) }
        return child
    }

    private func waitUntilReady(_ operators: ServiceClient, _ daemon: ChildCommand) async throws {
        let deadline = WallClock.seconds + 120
        while true {
            if let answer = try? await operators.call("GET", "/readyz", seconds: 5), answer.status == 200 { break }
            guard daemon.exitStatus == nil else { throw DemoFailure("the daemon ended: \(daemon.logTail)") }
            guard WallClock.seconds < deadline else { throw DemoFailure("the daemon is not ready after two minutes") }
            try await Task.sleep(for: .milliseconds(100))
        }
        // The model may still be loading: its first answer says that it serves.
        while true {
            let view = try await operators.read("/v1/deployments/\(Self.deployment)")
            let serving = view?["health"]?.arrayValue?.first { $0["check"]?.stringValue == "serving" }
            if serving?["ok"]?.boolValue != false { return }
            guard daemon.exitStatus == nil, WallClock.seconds < deadline else {
                throw DemoFailure("the engine does not serve: \(serving?["detail"]?.stringValue ?? "")")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func startEngine(_ folder: String) async throws -> String {
        var arguments = ["serve", "--model", settings.model, "--listen", "127.0.0.1:0", "--served-name", "base"]
        if !settings.adapter.isEmpty { arguments += ["--adapter", "incumbent=\(settings.adapter)"] }
        let engine = try launch("a second engine", "retuned-engine", arguments, log: "\(folder)/measuring-engine.log")
        for await line in engine.lines where line.hasPrefix("listening on ") {
            return "http://" + line.dropFirst("listening on ".count)
        }
        throw DemoFailure("the engine ended: \(engine.logTail)")
    }

    private func startPlayer(_ address: String, token: String, folder: String) async throws -> PlayerLink {
        let arguments = [
            "play", "--gateway", address, "--deployment", Self.deployment, "--data", settings.data, "--shifts",
            settings.shifts.joined(separator: " "), "--next", settings.next.joined(separator: " "), "--users",
            "\(settings.users)", "--rate", "\(settings.rate)", "--correct", "\(settings.correct)", "--pace",
            "\(settings.pace)", "--seed", "\(settings.seed)",
        ]
        let child = try launch(
            "the player", "retuned-demo", arguments, ["RETUNED_DEMO_TOKEN": token], log: "\(folder)/player.log")
        let link = PlayerLink(child: child) { [self] in hear($0) }
        Task { await link.read() }
        _ = try await link.wait(for: "ready")
        return link
    }

    /// Shows what the player says on the way.
    private func hear(_ event: JSONValue) {
        switch event["event"]?.stringValue {
        case "progress":
            let right = event["right"]?.doubleValue.map { ", \(Figures.percent($0)) right" } ?? ""
            let failed =
                (event["failed"]?.intValue ?? 0) > 0
                ? ", \(event["failed"]?.intValue ?? 0) failed (\(event["failure"]?.stringValue ?? ""))" : ""
            let state = live.value.state
            timeline.say(
                "    \(event["mix"]?.stringValue ?? "") traffic: \(Figures.number(event["perSecond"]?.doubleValue ?? 0, 0)) messages/s\(right)\(failed)\(state.isEmpty ? "" : " · \(state)")"
            )
        case "asking":
            timeline.say("    \(event["asked"]?.intValue ?? 0) of \(event["of"]?.intValue ?? 0) answers")
        case "phase": live.withLock { $0.phases.append(event) }
        default: break
        }
    }

    /// The one setting of the file that the demonstration itself needs: its clock.
    static func timeScale(_ config: String) throws -> Double {
        let text = try String(contentsOfFile: config, encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix("timeScale:") {
            let value = line.dropFirst("timeScale:".count).prefix { $0 != "#" }.filter { $0 != " " }
            if let scale = Double(value) { return scale }
        }
        return 1
    }

    /// A port of loopback that nobody listens on now.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard result else { throw DemoFailure("no free port on loopback") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
