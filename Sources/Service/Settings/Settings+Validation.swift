import Traffic

extension Settings {
    /// Checks ranges and what has to agree; throws at the first fault.
    package func validate() throws(SettingsError) {
        try require(stateDirectory.hasPrefix("/"), "stateDirectory", "'\(stateDirectory)' has to be an absolute path")
        try require(socket.isEmpty || socket.utf8.count < 108, "socket", "a Unix socket's path has at most 107 bytes")
        try require(timeScale >= 1 && timeScale <= 1e6, "timeScale", "\(timeScale) is outside 1 to 1000000")
        try require(
            ["trace", "debug", "info", "notice", "warning", "error"].contains(logLevel), "logLevel",
            "'\(logLevel)' is not one of trace, debug, info, notice, warning, error")
        try require(
            ballastBytes == 0 || ballastBytes >= 1 << 20, "ballastBytes",
            "\(ballastBytes) has to be 0, or 1048576 (1 MiB) or more")
        try require(retention > .zero, "retention", "has to be above 0")
        try require(
            !listen.isEmpty || !socket.isEmpty, "listen", "nobody could reach the daemon: name an address or a socket")
        try validateAddresses()
        try validateLimits()
        try validateWebhooks()
        var names = Set<String>()
        for (index, deployment) in deployments.enumerated() {
            let path = "deployments[\(index)]"
            try require(names.insert(deployment.name).inserted, "\(path).name", "'\(deployment.name)' is used twice")
            try deployment.validate(path: path)
        }
    }

    private func validateAddresses() throws(SettingsError) {
        try require(
            socket.isEmpty || socket.hasPrefix("/"), "socket", "'\(socket)' is not an absolute path: it begins with /")
        var addresses = Set<String>()
        for (index, address) in listen.enumerated() {
            try require(
                addresses.insert(address).inserted || address.hasSuffix(":0"), "listen[\(index)]",
                "'\(address)' is named twice")
            guard let colon = address.lastIndex(of: ":"), let port = Int(address[address.index(after: colon)...]),
                (0...65535).contains(port)
            else {
                throw SettingsError(path: "listen[\(index)]", reason: "'\(address)' is not host:port")
            }
            let host = address[..<colon]
            let isLoopback = host == "localhost" || host == "[::1]" || Self.isLoopbackAddress(host)
            try require(
                isLoopback || behindProxy, "listen[\(index)]",
                "'\(address)' is reachable from elsewhere; listen on 127.0.0.1, or put a proxy that terminates TLS in front and set behindProxy: true"
            )
        }
    }

    /// An IPv4 address of 127.0.0.0/8; a name that only begins like one is none.
    private static func isLoopbackAddress(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { part in
                part.utf8.allSatisfy { (48...57).contains($0) } && UInt8(part) != nil
            }
    }

    private func validateLimits() throws(SettingsError) {
        for (name, value) in [
            ("bodyBytes", limits.bodyBytes), ("recordsPerRequest", limits.recordsPerRequest),
            ("messagesPerInteraction", limits.messagesPerInteraction), ("textBytes", limits.textBytes),
            ("metadataBytes", limits.metadataBytes), ("connections", limits.connections),
        ] {
            try require(value >= 1, "limits.\(name)", "\(value) has to be 1 or more")
        }
        // The parser is as deep as the text.
        try require((1...512).contains(limits.nesting), "limits.nesting", "\(limits.nesting) is outside 1 to 512")
        for (name, value) in [
            ("headerSeconds", limits.headerSeconds), ("bodySeconds", limits.bodySeconds),
            ("idleSeconds", limits.idleSeconds), ("answerSeconds", limits.answerSeconds),
        ] {
            try require(value > 0, "limits.\(name)", "\(value) has to be above 0")
        }
        try require((1...256).contains(engine.servingThreads), "engine.servingThreads", "is outside 1 to 256")
        try require((1...256).contains(engine.jobThreads), "engine.jobThreads", "is outside 1 to 256")
        try require((1...1024).contains(engine.maximumBatch), "engine.maximumBatch", "is outside 1 to 1024")
    }

    private func validateWebhooks() throws(SettingsError) {
        var names = Set<String>()
        for (index, webhook) in webhooks.enumerated() {
            let path = "webhooks[\(index)]"
            try require(!webhook.name.isEmpty, "\(path).name", "is empty; it is what webhooks list shows")
            try require(names.insert(webhook.name).inserted, "\(path).name", "'\(webhook.name)' is used twice")
            try require(
                webhook.url.hasPrefix("https://") || webhook.url.hasPrefix("http://"), "\(path).url",
                "has to begin with https:// or http://")
            try require(namesAHost(webhook.url), "\(path).url", "has to name a host, with a port up to 65535 if any")
            try require(
                !webhook.secretFile.isEmpty, "\(path).secretFile", "name the file that holds the whsec_… secret")
            for (place, type) in webhook.types.enumerated() {
                try require(
                    WebhookSettings.knownTypes.contains(type), "\(path).types[\(place)]",
                    "'\(type)' is not one of \(WebhookSettings.knownTypes.joined(separator: ", "))")
            }
        }
    }
}

extension DeploymentSettings {
    func validate(path: String) throws(SettingsError) {
        let allowed = name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        try require(
            allowed && !name.isEmpty && name.utf8.count <= 40, "\(path).name",
            "'\(name)' has to be 1 to 40 of a to z, 0 to 9 and -")
        try require(
            server == "builtin" || server.hasPrefix("http://") || server.hasPrefix("https://")
                || server.hasPrefix("unix:/"),
            "\(path).server", "'\(server)' has to be builtin, an http:// or https:// address, or unix:/path")
        try require(
            !server.hasPrefix("http") || namesAHost(server), "\(path).server",
            "has to name a host, with a port up to 65535 if any")
        try require(
            adapterExport.isEmpty || adapterExport.hasPrefix("/"), "\(path).adapterExport",
            "'\(adapterExport)' has to be an absolute path")
        try require(!scales.isEmpty, "\(path).scales", "at least one scale is needed")
        try require(
            scales.contains { $0.name == goalScale }, "\(path).goal", "'\(goalScale)' is not the name of a scale")
        try require(Set(scales.map(\.name)).count == scales.count, "\(path).scales", "a name is used twice")
        for (index, scale) in scales.enumerated() {
            try require(scale.good > scale.bad, "\(path).scales[\(index)].good", "has to be above bad")
            try require(
                scale.kind != .label || scale.words.count >= 2, "\(path).scales[\(index)].words",
                "a label scale needs at least two words")
            try require(
                Set(scale.words).count == scale.words.count && !scale.words.contains(""),
                "\(path).scales[\(index)].words", "a word stands twice, or is empty")
            try require(
                scale.kind != .number || scale.maximum > scale.minimum, "\(path).scales[\(index)].maximum",
                "has to be above minimum")
            try require(
                scale.range.contains(scale.good) && scale.range.contains(scale.bad), "\(path).scales[\(index)].good",
                "good and bad have to lie in the scale, from \(scale.range.lowerBound) to \(scale.range.upperBound)")
        }
        try require(
            (100...100_000).contains(drift.referenceQueries), "\(path).drift.referenceQueries",
            "is outside 100 to 100000")
        try require((0...1).contains(cycle.staleBelow), "\(path).cycle.staleBelow", "is outside 0 to 1")
        try require(training.window > .zero, "\(path).training.window", "has to be above 0")
        try require(training.cpuBudget > .zero, "\(path).training.cpuBudget", "has to be above 0")
        try validateTraining(path: "\(path).training")
        try require((0..<1).contains(gate.margin), "\(path).gate.margin", "is outside 0 to 1")
        try require(gate.marginNats >= 0, "\(path).gate.marginNats", "has to be 0 or more")
        try require(gate.leastOldRows >= 1, "\(path).gate.leastOldRows", "has to be 1 or more")
        try validateExperiment(path: "\(path).experiment")
    }

    private func validateTraining(path: String) throws(SettingsError) {
        let shares: [(String, Double, ClosedRange<Double>)] = [
            ("parameterBudget", training.parameterBudget, 1e-6...1),
            ("replayShare", training.replayShare, 1.0 / 3...0.9),
            ("heldoutShare", training.heldoutShare, 0.05...0.5), ("ownAnswersShare", training.ownAnswersShare, 0...1),
        ]
        for (key, value, range) in shares {
            try require(
                range.contains(value), "\(path).\(key)",
                "\(value) is outside \(range.lowerBound) to \(range.upperBound)")
        }
        let counts: [(String, Int, ClosedRange<Int>)] = [
            ("maximumRank", training.maximumRank, 1...512), ("rank", training.rank, 1...max(1, training.maximumRank)),
            ("epochs", training.epochs, 1...100), ("batchTokens", training.batchTokens, 16...1_000_000),
            ("rowsPerUnit", training.rowsPerUnit, 1...1_000_000),
            ("rowsPerRater", training.rowsPerRater, 1...1_000_000),
            ("maximumRows", training.maximumRows, 10...10_000_000),
            ("leastCorrections", training.leastCorrections, 0...1_000_000),
            ("memoryBytes", training.memoryBytes, (64 << 20)...Int.max),
            ("impactMessages", training.impactMessages, 16...1_000_000),
        ]
        for (key, value, range) in counts {
            try require(
                range.contains(value), "\(path).\(key)",
                "\(value) is outside \(range.lowerBound) to \(range.upperBound)")
        }
        try require(
            !training.learningRates.isEmpty && training.learningRates.allSatisfy { $0 > 0 && $0 < 1 },
            "\(path).learningRates", "at least one rate between 0 and 1 is needed")
    }

    private func validateExperiment(path: String) throws(SettingsError) {
        let shares: [(String, Double, ClosedRange<Double>)] = [
            ("alpha", experiment.alpha, 1e-6...0.5), ("harmAlpha", experiment.harmAlpha, 1e-6...0.5),
            ("minimumEffect", experiment.minimumEffect, 1e-4...1), ("margin", experiment.margin, 1e-3...0.5),
            ("holdBack", experiment.holdBack, 0...0.5),
            ("errorMargin", experiment.errorMargin, 0...1), ("latencyRatio", experiment.latencyRatio, 1...100),
        ]
        for (key, value, range) in shares {
            try require(
                range.contains(value), "\(path).\(key)",
                "\(value) is outside \(range.lowerBound) to \(range.upperBound)")
        }
        try require(
            !experiment.steps.isEmpty && experiment.steps.allSatisfy { $0 > 0 && $0 <= 0.5 }
                && zip(experiment.steps, experiment.steps.dropFirst()).allSatisfy { $0 < $1 },
            "\(path).steps", "steps have to rise, each above 0 and at most 50%")
        try require(
            Set(experiment.approvalSteps).count == experiment.approvalSteps.count
                && experiment.approvalSteps.allSatisfy { $0 >= 2 && $0 <= experiment.steps.count },
            "\(path).approvalSteps",
            experiment.steps.count < 2
                ? "the ramp has one step, which begins with the experiment (mode: propose asks before that)"
                : "names steps of the ramp, each once, from 2 to \(experiment.steps.count); the first begins with the experiment (mode: propose asks before that)"
        )
        try require(
            experiment.sides == .two || experiment.alpha <= 0.25, "\(path).alpha",
            "is outside 0.000001 to 0.25 where sides is one")
        try require(
            (50...10_000).contains(experiment.shadowPairs), "\(path).shadowPairs", "has to be from 50 to 10000")
        try require(
            experiment.shadowPairs >= experiment.burnInUnits, "\(path).shadowPairs",
            "has to be burnInUnits (\(experiment.burnInUnits)) or more, or a replay decides nothing")
        try require(
            experiment.errorMargin < 1, "\(path).errorMargin",
            "has to be below 1: the share of failures cannot rise by more, so that it would never be broken")
        try require(experiment.burnInUnits >= 2, "\(path).burnInUnits", "has to be 2 or more")
        try require(experiment.lookInterval > .zero, "\(path).lookInterval", "has to be above 0")
        try require(
            experiment.longest > experiment.leastStepTime * max(1, experiment.steps.count - 1), "\(path).longest",
            "has to be above leastStepTime for each step of the ramp but the last")
        try require(
            experiment.lookInterval <= experiment.longest, "\(path).lookInterval", "has to be at most longest")
        for (key, limit) in [
            ("ratingsPerRaterPerDay", experiment.ratingsPerRaterPerDay),
            ("ratingsPerUnitPerDay", experiment.ratingsPerUnitPerDay),
            ("requestsPerUnitPerDay", experiment.requestsPerUnitPerDay),
        ] {
            guard case .most(let most) = limit else { continue }
            try require(most >= 1, "\(path).\(key)", "has to be auto, or 1 or more")
        }
        try validatePins(path: path)
        try validateMetrics(path: path)
    }

    private func validateMetrics(path: String) throws(SettingsError) {
        try require(experiment.metrics.count <= 20, "\(path).metrics", "at most 20 metrics can be watched")
        for (index, metric) in experiment.metrics.enumerated() {
            let path = "\(path).metrics[\(index)]"
            try require(
                !metric.name.isEmpty && metric.name.utf8.count <= 60
                    && metric.name.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 },
                "\(path).name", "has to have 1 to 60 bytes and be one line")
            try require(
                !["errors", "latency"].contains(metric.name)
                    && !experiment.metrics.prefix(index).contains { $0.name == metric.name },
                "\(path).name", "'\(metric.name)' is the name of another metric")
            try require(metric.limit >= 0 && metric.limit <= 1e9, "\(path).limit", "has to be from 0 to 1000000000")
            try require(
                metric.limit < 1 || !metric.isAtMostWhole, "\(path).limit",
                "has to be below 1: a worsening of more cannot happen, so that it would never be broken")
            try require(
                metric.of != .rating || scales.contains { $0.name == metric.scale }, "\(path).scale",
                "'\(metric.scale)' is not the name of a scale")
            try require(
                metric.of == .rating || metric.scale.isEmpty, "\(path).scale", "only a metric of rating has a scale")
            try require(
                metric.of != .rating || metric.scale != goalScale, "\(path).scale",
                "'\(metric.scale)' is the goal, on which harm stops the experiment anyway")
            try require(
                metric.role != .goal || !experiment.metrics.prefix(index).contains { $0.role == .goal },
                "\(path).role", "only one metric can be the goal")
            try require(
                metric.role != .goal || metric.smallestImprovement > 0 && metric.smallestImprovement <= 1e9,
                "\(path).minimumEffect", "has to be above 0 and at most 1000000000")
            try require(
                metric.role != .goal || metric.smallestImprovement < 1 || !metric.improvesByLessThanWhole,
                "\(path).minimumEffect", "has to be below 1: more cannot be gained, so that nothing would be promoted")
            guard let quantile = metric.quantile else { continue }
            try require(quantile >= 0.01 && quantile <= 0.999, "\(path).quantile", "is outside 0.01 to 0.999")
            try require(
                metric.of != .rating && metric.of != .errors && metric.per == .request && metric.change == .relative,
                "\(path).quantile", "is of latency, firstToken or tokens, per request, and its change is relative")
        }
    }

    private func validatePins(path: String) throws(SettingsError) {
        let pins = [
            ("pinnedToCandidate", experiment.pinnedToCandidate), ("pinnedToIncumbent", experiment.pinnedToIncumbent),
        ]
        for (key, units) in pins {
            try require(
                units.count <= 10_000, "\(path).\(key)", "has \(units.count) units; at most 10000 can be pinned")
            for (number, unit) in units.enumerated() {
                if let problem = PersonalName.problem(unit) {
                    throw SettingsError(path: "\(path).\(key)[\(number)]", reason: "the unit \(problem)")
                }
            }
        }
        if let both = Set(experiment.pinnedToCandidate).intersection(experiment.pinnedToIncumbent).sorted().first {
            throw SettingsError(path: "\(path).pinnedToIncumbent", reason: "\(both) is in pinnedToCandidate too")
        }
    }
}

private func require(_ condition: Bool, _ path: String, _ reason: String) throws(SettingsError) {
    if !condition { throw SettingsError(path: path, reason: reason) }
}

/// Whether an http or https address has a host, and a port that there can be.
private func namesAHost(_ url: String) -> Bool {
    guard let scheme = url.firstRange(of: "://") else { return false }
    var authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
    if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
    var host = authority
    if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
        guard let port = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(port) else {
            return false
        }
        host = authority[..<colon]
    }
    return !host.isEmpty && !host.contains { $0.isWhitespace }
}
