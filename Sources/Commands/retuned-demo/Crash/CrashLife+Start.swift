import Foundation
import Glibc
import Locking
import Values

extension CrashLife {
    /// Starts the daemon, posts the records of earlier weeks, and lets applications and users begin.
    func start() async throws {
        guard let pools = test.pools else { throw DemoFailure("there is no traffic to play") }
        try FileManager.default.createDirectory(
            atPath: "\(folder)/state", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let hook = try await receiver.start { _ in }
        let secretFile = "\(folder)/webhook-secret"
        try Data((receiver.secret + "\n").utf8).write(to: URL(fileURLWithPath: secretFile))
        _ = unsafe chmod(secretFile, 0o600)
        let address = "http://127.0.0.1:\(try Demonstration.freePort())"
        let keeper = DaemonKeeper(
            binaries: test.settings.binaries, config: test.settings.config,
            environment: [
                "RETUNED_STATE_DIRECTORY": "\(folder)/state", "RETUNED_LISTEN": String(address.dropFirst(7)),
                "RETUNED_SOCKET": "\(folder)/retuned.sock",
                "RETUNED_ENGINE": "\(test.settings.binaries)/retuned-engine", "RETUNED_MODEL": test.settings.model,
                "RETUNED_WEBHOOK_URL": hook, "RETUNED_WEBHOOK_SECRET_FILE": secretFile,
            ], folder: folder, operators: operators, tally: tally)
        parts.withLock { $0.keeper = keeper }
        try await keeper.start()
        let created = try await operators.post(
            "/v1/tokens",
            ["name": "crash", "scopes": ["ingest", "assign"], "deployment": .string(Self.deployment)])
        guard let token = created["token"]?.stringValue else { throw DemoFailure("no token: \(created.text)") }
        let applications = ServiceClient(http: test.http, base: address, token: token)
        parts.withLock { $0.applications = applications }
        try await untilServing()
        try await postHistory(applications, pools)
        let poster = RecordPoster(
            client: applications, deployment: Self.deployment, prefix: "crash-\(number)", pools: pools,
            seed: test.settings.seed, accepted: accepted, tally: tally)
        parts.withLock { $0.poster = poster }
        if test.settings.isShort { poster.follow(.shift) }
        poster.start()
        try await startPlayer(address, token: token)
    }

    /// The gateway answers, so that users may come.
    func untilServing() async throws {
        let deadline = WallClock.seconds + 60
        while try await isServing() == false {
            guard WallClock.seconds < deadline else { throw DemoFailure("the gateway does not answer within a minute") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Rated messages of earlier times: the right answer, good, or another one, bad and corrected. In a short test the last
    /// of them are of the new kind, since no users play it.
    private func postHistory(_ client: ServiceClient, _ pools: TrafficPools) async throws {
        let count = test.settings.history
        let now = WallClock.now()
        var random = SeededRandom(test.settings.seed, "history \(number)")
        var interactions: [JSONValue] = []
        var ratings: [JSONValue] = []
        var ids: [String] = []
        for index in 0..<count {
            // 120 seconds are 20 days of this configuration's clock, and a window of a week 42 seconds.
            let age = 120 * (1 - Double(index) / Double(count)) + 1
            let isNew = test.settings.isShort && age < 40
            let message = random.pick(isNew ? pools.shift : pools.reference)
            let isGood = random.share() < (isNew ? 0.7 : 0.94)
            let id = "earlier-\(number)-\(index)"
            let time = now.advanced(bySeconds: -age)
            ids.append(id)
            interactions.append(
                EarlierInteraction(
                    id: id, message: message, time: time, user: "user-\(random.below(400))",
                    deployment: Self.deployment, response: isGood ? nil : random.pick(pools.intents)
                ).posted)
            ratings.append(
                Rating(
                    id: "r-\(id)", interaction: id, time: time.advanced(bySeconds: 0.1), isGood: isGood,
                    correction: isGood ? nil : message.answer
                ).posted(deployment: Self.deployment))
        }
        for start in stride(from: 0, to: count, by: 500) {
            let range = start..<min(count, start + 500)
            try await client.post("/v1/interactions", .array(Array(interactions[range])))
            accepted.accept(.interactions, Array(ids[range]))
            try await client.post("/v1/ratings", .array(Array(ratings[range])))
            accepted.accept(.ratings, ids[range].map { "r-\($0)" })
        }
    }

    private func startPlayer(_ address: String, token: String) async throws {
        let child = try ChildCommand(
            "the player", executable: "\(test.settings.binaries)/retuned-demo",
            arguments: [
                "play", "--gateway", address, "--deployment", Self.deployment, "--rate", "0.5", "--correct", "1",
                "--pace", "\(test.settings.isShort ? 20 : 30)", "--seed", "\(test.settings.seed)",
            ], environment: ["RETUNED_DEMO_TOKEN": token], logPath: "\(folder)/player.log")
        let link = PlayerLink(child: child) { _ in }
        parts.withLock { ($0.player, $0.playerProcess) = (link, child) }
        Task { await link.read() }
        _ = try await link.wait(for: "ready")
        try await play(test.settings.isShort ? .shift : .reference)
    }

    /// What users ask, and what applications post, from now on.
    func play(_ mix: TrafficPools.Mix) async throws {
        guard let player = parts.withLock({ $0.player }) else { throw DemoFailure("nobody plays") }
        await player.order(["do": "traffic", "mix": .string(mix.rawValue), "hostile": 0])
        try poster().follow(mix)
    }
}
