import Experimentation
import Values

/// An experiment that was played, and what the daemon would export of it.
struct PlayedExperiment {
    static let start = Timestamp(milliseconds: 1_800_000_000_000)

    var view: JSONValue = .null
    var assignments: [JSONValue] = []
    var difficulties: [JSONValue] = []
    var newcomers: [JSONValue] = []
    var ratings: [JSONValue] = []
    var requests: [JSONValue] = []
    var decisions: [Look.Decision] = []
    /// Ratings that waited at each look, and that were set aside at the last.
    var waiting: [Int] = []
    var aside = 0

    /// A scale as it is published, and a good and a bad value of it with their scores.
    struct PlayedScale: Sendable {
        var published: JSONValue
        var good: (value: JSONValue, score: Double)
        var bad: (value: JSONValue, score: Double)

        static let thumb = PlayedScale(published: ["worst": 0, "best": 1], good: (1, 1), bad: (0, 0))
        static let others = [
            PlayedScale(published: ["worst": 1, "best": 5], good: (4, 0.75), bad: (1, 0)),
            PlayedScale(published: ["worst": -2, "best": 8], good: (9.5, 1), bad: (0.5, 0.25)),
            PlayedScale(
                published: ["worst": 0, "best": 2, "words": ["bad", "fair", "good"]], good: ("good", 1),
                bad: ("fair", 0.5)),
        ]
    }

    enum Reviewers: Sendable { case fair, hostile }

    /// One of every end that an experiment can have.
    static func everyEnd() throws -> [(end: Look.Decision, played: PlayedExperiment)] {
        [
            (.promote, try play(good: (0.5, 0.85))),
            (.stopForHarm, try play(good: (0.8, 0.5))),
            (.stopForFutility, try play(good: (0.6, 0.6), cap: 2)),
            (.stopForFutility, try play(good: (0.6, 0.6), unitCap: 2)),
            (.stopAtLongest, try play(isSkewed: true)),
            (.stopAtLongest, try play(isHoldBack: true)),
            (.promote, try play(good: (0.5, 0.85), haveNewcomers: true)),
            (.promote, try play(good: (0.5, 0.85), unitCap: 4, haveNewcomers: true)),
            (.promote, try play(good: (0.65, 0.7), margin: 0.12, metrics: watched)),
            (.stopForHarm, try play(metrics: watched + [slower(.guardrail)], slowerBy: 35)),
            (.stopAtLongest, try play(good: (0.5, 0.85), metrics: watched + [slower(.signal)], slowerBy: 35)),
            (.promote, try play(good: (0.5, 0.85), metrics: watched, areMixed: true)),
            (.promote, try play(good: (0.5, 0.85), unitCap: 4, metrics: watched, haveBurst: true)),
            (.promote, try play(good: (0.5, 0.85), asksDifficulty: true)),
            (.promote, try play(good: (0.6, 0.7), margin: 0.12, metrics: watched + [faster()], slowerBy: -35)),
            (.stopForFutility, try play(good: (0.6, 0.7), margin: 0.12, metrics: watched + [faster()])),
            (.promote, try play(good: (0.6, 0.7), margin: 0.12, metrics: [faster(quantile: 0.5)], slowerBy: -35)),
            (.stopForHarm, try play(good: (0.6, 0.7), turnsAt: (2, nil))),
            (.stopForHarm, try play(isHoldBack: true, turnsAt: (3, nil))),
            (.stopForHarm, try play(good: (0.7, 0.7), isHoldBack: true, turnsAt: (nil, 8))),
            (.stopAtLongest, try play(good: (0.5, 0.85), haveNewcomers: true, approvalSteps: [1])),
            (.stopForHarm, try play(metrics: watched, areAlike: true)),
            (.promote, try play(good: (0.5, 0.85), reviewers: .fair)),
            (.stopForFutility, try play(good: (0.5, 0.85), reviewers: .hostile)),
            (.promote, try play(good: (0.5, 0.85), requestCap: 3)),
            (.promote, try play(good: (0.5, 0.85), requestCap: 3, isFlooded: true)),
            (.stopAtLongest, try play(good: (0.5, 0.85), isFlooded: true)),
        ]
    }

    /// One metric of each kind, none of which is broken.
    static let watched = [
        MetricDesign(name: "length", measure: .completionTokens, role: .guardrail, change: .relative, limit: 0.5),
        MetricDesign(
            name: "tokens a unit", measure: .promptTokens, per: .unit, role: .signal, change: .absolute, limit: 1000),
        MetricDesign(
            name: "slowest tenth", measure: .latency, quantile: 0.9, role: .signal, change: .relative, limit: 5),
        MetricDesign(
            name: "solved", measure: .rating, scale: GoalScale(name: "solved", worst: 0, best: 1), better: .higher,
            role: .guardrail, change: .absolute, limit: 0.4),
    ]

    static func slower(_ role: MetricDesign.Role) -> MetricDesign {
        MetricDesign(name: "median", measure: .latency, quantile: 0.5, role: role, change: .relative, limit: 0.2)
    }

    /// What a promotion waits for: answers in less time.
    static func faster(quantile: Double? = nil) -> MetricDesign {
        MetricDesign(
            name: "faster", measure: .latency, quantile: quantile, role: .goal, change: .relative, limit: 0.05)
    }

    /// Published figures that `changed` can move.
    static let figures = [
        "step", "units", "rated", "difference", "lower", "upper", "harmPairs", "harmLogWealth", "assignmentPValue",
        "raterPValue", "decision", "good", "bad", "ratedShare", "ratedLower", "lowest", "varianceKept", "relative",
        "relativeLower", "relativeUpper",
    ]

    /// 200 units, 100 ratings a look of which some replace others, on a ramp of two steps.
    ///
    /// - Parameters:
    ///   - good: share of good ratings of the control and of the candidate.
    ///   - haveNewcomers: every fifth unit and a rater come after the start, rate the candidate down, and are set aside.
    ///   - haveBurst: every fifth unit and a rater come after the start, and count but for those who come with a crowd in the
    ///     fourth look; an hour goes by from look to look.
    ///   - cap: ratings of a rater that count; `unitCap`: of a unit.
    ///   - requestCap: requests of a unit that count; `isFlooded`: one of the candidate asks without end and all of it fails.
    ///   - slowerBy: milliseconds that the candidate takes longer.
    ///   - areMixed: every eleventh unit is answered by the other arm in the sixth look.
    ///   - asksDifficulty: it is known of all units but in the fourth and the fifth look, where it is late for those who came
    ///     then; of every seventh unit there is no figure.
    ///   - turnsAt: look from which on the candidate's requests fail, or what it answers is rated bad.
    ///   - areAlike: all answers of an arm have as many tokens, the candidate's more.
    ///   - reviewers: colleagues who rate every third rated answer too; hostile: one of them many of the candidate's, all badly.
    ///   - changed: name of a published figure, and what it is moved by.
    static func play(
        good: (control: Double, candidate: Double) = (0.6, 0.75), cap: Int = 200, unitCap: Int = 50,
        isSkewed: Bool = false, isHoldBack: Bool = false, haveNewcomers: Bool = false, isHistoryAlike: Bool = false,
        scale: PlayedScale = .thumb, margin: Double? = nil, metrics: [MetricDesign] = [], slowerBy: Double = 0,
        areMixed: Bool = false, haveBurst: Bool = false, asksDifficulty: Bool = false,
        turnsAt: (fails: Int?, bad: Int?) = (nil, nil), approvalSteps: [Int] = [], areAlike: Bool = false,
        reviewers: Reviewers? = nil, requestCap: Int = ExperimentDesign.unlimited, isFlooded: Bool = false,
        changed: (name: String, by: Double)? = nil
    ) throws -> PlayedExperiment {
        let design = ExperimentDesign(
            alpha: 0.05, harmAlpha: 0.2, steps: [0.25, 0.5], leastStepSeconds: 10, leastStepUnits: 40,
            longestSeconds: 150, minimumEffect: 0.02, burnInUnits: 40, tuning: 1000, latencyRatio: 1.5,
            errorMargin: 0.02, ratingsPerRaterPerDay: cap, ratingsPerUnitPerDay: unitCap,
            requestsPerUnitPerDay: requestCap, daySeconds: haveBurst ? 240 : 86_400, isHoldBack: isHoldBack,
            setsNewcomersAside: haveNewcomers,
            burstLimits: haveBurst ? BurstLimits(hourly: [Int](repeating: 50, count: 24)) : nil,
            asksDifficulty: asksDifficulty, margin: margin, approvalSteps: approvalSteps, metrics: metrics)
        var generator = SystemlessRandom()
        var data = ExperimentData(design: design)
        var experiment = Experiment(design: design)
        var played = PlayedExperiment()
        var looks: [JSONValue] = []
        var sequence: Int64 = 0
        var served: Set<Int> = []
        for number in 0..<20 {
            let elapsed = Double(number + 1) * 10
            for unit in (number * 20)..<(number * 20 + 20) where number < 10 {
                let arm = Self.arm(unit, isSkewed)
                // Two of three have rated before.
                let before = isHistoryAlike ? 1 : unit % 3 == 0 ? 0 : 1 + unit % 5
                let earlier = EarlierRatings(
                    ratings: before, scores: isHistoryAlike ? 1 : Double(min(before, unit % 4)))
                let isNewcomer = (haveNewcomers || haveBurst) && unit % 5 == 0
                data.enrol(unit: "u\(unit)", in: arm, earlier: earlier, isNewcomer: isNewcomer)
                var row = JSONObject([
                    .init(name: "unit", value: .string("u\(unit)")),
                    .init(name: "arm", value: .string(arm.rawValue)),
                    .init(name: "time", value: .string(start.description)), .init(name: "exposure", value: 25),
                    .init(name: "look", value: .integer(Int64(number))),
                ])
                if before > 0 {
                    row["earlierRatings"] = .integer(Int64(before))
                    row["earlierScores"] = .number(earlier.scores)
                }
                if isNewcomer { row["newcomer"] = true }
                played.assignments.append(.object(row))
            }
            for unit in Self.asked(before: number) where asksDifficulty {
                let nats: Double? = unit % 7 == 0 ? nil : Double(unit * 37 % 100) / 50 + (unit % 3 == 0 ? 0 : 1)
                data.know(nats.map { .nats($0) } ?? .none, ofFirstQueryOf: "u\(unit)", in: Self.arm(unit, isSkewed))
                var row = JSONObject([
                    .init(name: "unit", value: .string("u\(unit)")),
                    .init(name: "look", value: .integer(Int64(number))),
                ])
                row["difficulty"] = nats.map(JSONValue.number)
                played.difficulties.append(.object(row))
            }
            for other in 0..<(haveBurst ? number == 3 ? 40 : 2 : 0) {
                // Some of them are enrolled later.
                let newcomer = other == 1 ? "u\((number + 3) * 20)" : "other \(number) \(other)"
                let seconds = elapsed - 10 + Double(other) / 10
                data.arrive(newcomer: newcomer, receivedSeconds: seconds)
                played.newcomers.append([
                    "newcomers": [.string(newcomer)],
                    "received": .string(start.advanced(bySeconds: seconds).description),
                    "look": .integer(Int64(number)),
                ])
            }
            for _ in 0..<100 {
                sequence += 1
                let unit = Int(generator.next() % UInt64(min(200, number * 20 + 20)))
                let interaction = Int64(generator.next() % 3) + Int64(unit * 3)
                let arm = Self.arm(unit, isSkewed)
                let share = arm == .candidate ? good.candidate : good.control
                let isSour = arm == .candidate && number >= turnsAt.bad ?? 20
                let isGood = Double(generator.next() % 1000) < share * 1000 && !isSour
                let isByStranger = (haveNewcomers || haveBurst) && sequence % 17 == 0
                let isHostile = haveNewcomers && (isByStranger || unit % 5 == 0)
                let (value, score) =
                    isHostile && arm == .candidate || !isGood && !isHostile ? scale.bad : scale.good
                let rater = isByStranger ? haveBurst ? "stranger \(number)" : "stranger" : "u\(unit)"
                // Ratings do not arrive in the order of their own times.
                let seconds = elapsed - 10 + Double(generator.next() % 5000) / 1000
                let time = start.advanced(bySeconds: seconds)
                served.insert(unit)
                // One request more than is rated, and now and then one that fails.
                for served in 0..<2 {
                    let isBroken = arm == .candidate && number >= turnsAt.fails ?? 20
                    let failed = served == 1 && generator.next() % 100 < 2 || isBroken
                    let delay = arm == .candidate ? slowerBy : 0
                    let outcome = RequestOutcome(
                        failed: failed, latencyMilliseconds: failed ? nil : 80 + delay + Double(generator.next() % 40),
                        promptTokens: Int(generator.next() % 50),
                        completionTokens: failed ? nil : areAlike ? arm == .candidate ? 31 : 20 : 20 + unit % 7)
                    let isMixed = areMixed && number == 5 && unit % 11 == 0
                    if isMixed {
                        data.leaveOut(unit: "u\(unit)", of: arm)
                    } else {
                        data.serve(
                            unit: "u\(unit)", arm: arm, outcome,
                            interaction: 1_000_000 * (sequence + 1) + Int64(served),
                            receivedSeconds: seconds)
                    }
                    var request = JSONObject([
                        .init(name: "unit", value: .string("u\(unit)")),
                        .init(name: "interaction", value: .string("request \(sequence)-\(served)")),
                        .init(name: "time", value: .string(time.description)),
                        .init(name: "received", value: .string(time.description)),
                        .init(name: "failed", value: .bool(failed)),
                        .init(name: "look", value: .integer(Int64(number))),
                    ])
                    request["latencyMilliseconds"] = outcome.latencyMilliseconds.map(JSONValue.number)
                    request["promptTokens"] = outcome.promptTokens.map { .integer(Int64($0)) }
                    request["completionTokens"] = outcome.completionTokens.map { .integer(Int64($0)) }
                    if isMixed { request["otherArm"] = true }
                    played.requests.append(.object(request))
                }
                if let solved = metrics.firstIndex(where: { $0.scale != nil }) {
                    let value = Double(generator.next() % 2)
                    data.rate(
                        .init(
                            unit: "u\(unit)", arm: arm, rater: rater, interaction: interaction, score: value,
                            time: time.milliseconds, sequence: sequence, receivedSeconds: seconds,
                            isByNewcomer: isByStranger, metric: solved))
                    played.ratings.append(
                        Self.rating(
                            unit, by: rater, of: interaction, "solved", .number(value), time, look: number,
                            isByNewcomer: isByStranger))
                }
                data.rate(
                    .init(
                        unit: "u\(unit)", arm: arm, rater: rater, interaction: interaction, score: score,
                        time: time.milliseconds, sequence: sequence, receivedSeconds: seconds,
                        isByNewcomer: isByStranger))
                played.ratings.append(
                    Self.rating(
                        unit, by: rater, of: interaction, "thumb", value, time, look: number,
                        isByNewcomer: isByStranger))
            }
            if isFlooded, let unit = (0..<20).first(where: { Self.arm($0, isSkewed) == .candidate }) {
                let seconds = elapsed - 2
                let time = start.advanced(bySeconds: seconds)
                for request in 0..<600 {
                    // Some of them are rated, first by others than the unit.
                    let interaction = Int64(10_000 + number * 600 + request)
                    let isRated = request % 200 == 0
                    if isRated {
                        sequence += 1
                        let rater = request == 0 ? "u\(unit)" : "colleague \(number)"
                        data.rate(
                            .init(
                                unit: "u\(unit)", arm: .candidate, rater: rater, interaction: interaction,
                                score: scale.good.1,
                                time: time.milliseconds, sequence: sequence, receivedSeconds: seconds))
                        played.ratings.append(
                            Self.rating(unit, by: rater, of: interaction, "thumb", scale.good.0, time, look: number))
                    }
                    data.serve(
                        unit: "u\(unit)", arm: .candidate, RequestOutcome(failed: true), interaction: interaction,
                        receivedSeconds: seconds)
                    played.requests.append([
                        "unit": .string("u\(unit)"), "interaction": .string("i-\(interaction)"),
                        "time": .string(time.description), "received": .string(time.description), "failed": true,
                        "look": .integer(Int64(number)),
                    ])
                }
            }
            for unit in served.sorted() where reviewers != nil && (unit + number) % 3 == 0 {
                sequence += 1
                let time = start.advanced(bySeconds: elapsed - 1)
                let arm = Self.arm(unit, isSkewed)
                let isHostile = reviewers == .hostile && arm == .candidate && number % 2 == 0
                let reviewer = isHostile ? 3 : unit / 3 % 4
                let isGood = !isHostile && Double(generator.next() % 100) < 70
                data.rate(
                    .init(
                        unit: "u\(unit)", arm: arm, rater: "colleague \(reviewer)",
                        interaction: Int64(unit * 3),
                        score: isGood ? 1 : 0, time: time.milliseconds, sequence: sequence,
                        receivedSeconds: elapsed - 1))
                played.ratings.append(
                    Self.rating(
                        unit, by: "colleague \(reviewer)", of: Int64(unit * 3), "thumb", isGood ? 1 : 0, time,
                        look: number))
            }
            data.beginLook(elapsedSeconds: elapsed)
            let look = experiment.look(at: data, elapsedSeconds: elapsed)
            played.waiting.append(data.incumbent.waitingRatings + data.candidate.waitingRatings)
            played.aside = data.incumbent.aside.ratings + data.candidate.aside.ratings
            data.endLook()
            played.decisions.append(look.decision)
            looks.append(published(look, at: elapsed, changed))
        }
        played.view = view(design, looks, scale, decision: experiment.decided)
        return played
    }

    /// Units whose difficulty is known from a look on.
    private static func asked(before look: Int) -> Range<Int> {
        switch look {
        case 3, 4: 0..<0
        case 5: 60..<120
        case 0..<10: look * 20..<look * 20 + 20
        default: 0..<0
        }
    }

    private static func rating(
        _ unit: Int, by rater: String, of interaction: Int64, _ scale: String, _ value: JSONValue, _ time: Timestamp,
        look: Int, isByNewcomer: Bool = false
    ) -> JSONValue {
        var row = JSONObject([
            .init(name: "unit", value: .string("u\(unit)")), .init(name: "rater", value: .string(rater)),
            .init(name: "interaction", value: .string("i-\(interaction)")),
            .init(name: "scale", value: .string(scale)), .init(name: "value", value: value),
            .init(name: "time", value: .string(time.description)),
            .init(name: "received", value: .string(time.description)),
            .init(name: "look", value: .integer(Int64(look))),
        ])
        if isByNewcomer { row["newcomer"] = true }
        return .object(row)
    }

    private static func arm(_ unit: Int, _ isSkewed: Bool) -> ExperimentData.Arm {
        unit % (isSkewed ? 8 : 2) == 0 ? .incumbent : .candidate
    }

    private static func published(_ look: Look, at elapsed: Double, _ changed: (name: String, by: Double)?) -> JSONValue
    {
        func figure(_ name: String, _ value: Double) -> JSONValue {
            .number(value + (changed?.name == name ? changed?.by ?? 0 : 0))
        }
        var object = JSONObject([
            .init(name: "time", value: .string(start.advanced(bySeconds: elapsed).description)),
            .init(name: "step", value: figure("step", Double(look.step + 1))),
            .init(name: "units", value: figure("units", Double(look.incumbent.units + look.candidate.units))),
            .init(name: "rated", value: figure("rated", Double(look.incumbent.rated + look.candidate.rated))),
            .init(name: "harmPairs", value: figure("harmPairs", Double(look.harmPairs))),
            .init(name: "harmLogWealth", value: figure("harmLogWealth", look.harmLogWealth)),
            .init(name: "assignmentPValue", value: figure("assignmentPValue", look.assignmentPValue)),
            .init(name: "raterPValue", value: figure("raterPValue", look.raterPValue)),
            .init(name: "decision", value: .string(changed?.name == "decision" ? "promote" : look.decision.rawValue)),
        ])
        if let difference = look.difference, let lower = look.lower, let upper = look.upper {
            object["difference"] = figure("difference", difference)
            object["varianceKept"] = look.varianceKept.map { figure("varianceKept", $0) }
            object["raterShare"] = look.raterShare.map(JSONValue.number)
            object["interval"] = [figure("lower", lower), figure("upper", upper)]
        }
        object["difficulty"] = look.usesDifficulty.map { .bool(changed?.name == "difficulty" ? !$0 : $0) }
        if let relative = look.relative {
            object["relative"] = [
                figure("relative", relative.difference), figure("relativeLower", relative.lower),
                figure("relativeUpper", relative.upper),
            ]
        }
        if let perRequest = look.perRequest {
            var shares = JSONObject([
                .init(name: "good", value: figure("good", perRequest.good)),
                .init(name: "bad", value: figure("bad", perRequest.bad)),
                .init(name: "rated", value: figure("ratedShare", perRequest.rated)),
                .init(name: "bounds", value: [figure("lowest", perRequest.lowest), .number(perRequest.highest)]),
            ])
            if let lower = perRequest.ratedLower, let upper = perRequest.ratedUpper {
                shares["ratedInterval"] = [figure("ratedLower", lower), .number(upper)]
            }
            object["perRequest"] = .object(shares)
        }
        for (key, isSignal) in [("brokenGuardrails", false), ("brokenSignals", true)] {
            let broken = look.guardrails.filter { $0.isBroken && ($0.isSignal == true) == isSignal }.map(\.name)
            if !broken.isEmpty { object[key] = .array(broken.map(JSONValue.string)) }
        }
        let metrics = look.guardrails.dropFirst(2).map { metric in
            var figures = JSONObject([.init(name: "name", value: .string(metric.name))])
            figures["worsening"] = metric.difference.map { figure("worsening", $0) }
            figures["lower"] = metric.lower.map { figure("metricLower", $0) }
            figures["upper"] = metric.upper.map { figure("metricUpper", $0) }
            return JSONValue.object(figures)
        }
        if !metrics.isEmpty { object["metrics"] = .array(metrics) }
        return .object(object)
    }

    private static func view(
        _ design: ExperimentDesign, _ looks: [JSONValue], _ scale: PlayedScale, decision: Look.Decision?
    ) -> JSONValue {
        let check: JSONValue = ["incumbent": 0, "candidate": 0, "pValue": 1, "ok": true]
        var more = JSONObject([
            .init(name: "newcomersAside", value: .bool(design.setsNewcomersAside)),
            .init(name: "scale", value: scale.published),
        ])
        more["burstLimits"] = design.burstLimits.map { .array($0.hourly.map { .integer(Int64($0)) }) }
        if design.asksDifficulty { more["difficulty"] = true }
        if design.watchesLatest { more["latest"] = true }
        if !design.approvalSteps.isEmpty {
            more["approvalSteps"] = .array(design.approvalSteps.map { .integer(Int64($0 + 1)) })
        }
        more["margin"] = design.margin.map(JSONValue.number)
        if !design.metrics.isEmpty { more["metrics"] = .array(design.metrics.map(published)) }
        let fixed: JSONObject = fixed(design)
        return [
            "id": "support-e-1", "deployment": "support", "cycle": "support-c-1", "state": "decided",
            "candidate": "support-v1", "arms": [], "salt": "support-e-1", "exposure": 50, "step": 2, "guardrails": [],
            "sampleRatio": ["assignments": check, "raters": check, "requests": ["ok": true]],
            "decision": decision.map { .string($0.rawValue) } ?? .null,
            "alpha": .number(design.alpha), "harmAlpha": .number(design.harmAlpha), "tuning": .number(design.tuning),
            "minimumEffect": .number(design.minimumEffect), "started": .string(start.description), "goal": "thumb",
            "ramp": .array(design.steps.map { ["exposure": .number($0 * 100)] }), "looks": .array(looks),
            "design": .object(JSONObject(fixed.members + more.members)),
        ]
    }

    private static func fixed(_ design: ExperimentDesign) -> JSONObject {
        JSONObject([
            .init(name: "burnInUnits", value: .integer(Int64(design.burnInUnits))),
            .init(name: "leastStepUnits", value: .integer(Int64(design.leastStepUnits))),
            .init(name: "leastStepSeconds", value: .number(design.leastStepSeconds)),
            .init(name: "longestSeconds", value: .number(design.longestSeconds)),
            .init(name: "ratingsPerRaterPerDay", value: .integer(Int64(design.ratingsPerRaterPerDay))),
            .init(name: "ratingsPerUnitPerDay", value: .integer(Int64(design.ratingsPerUnitPerDay))),
            .init(name: "requestsPerUnitPerDay", value: .integer(Int64(design.requestsPerUnitPerDay))),
            .init(name: "daySeconds", value: .number(design.daySeconds)),
            .init(name: "errorMargin", value: .number(design.errorMargin)),
            .init(name: "latencyRatio", value: .number(design.latencyRatio)),
            .init(name: "holdBack", value: .bool(design.isHoldBack)),
        ])
    }

    private static func published(_ metric: MetricDesign) -> JSONValue {
        var view = JSONObject([
            .init(name: "name", value: .string(metric.name)),
            .init(name: "of", value: .string(metric.measure.rawValue)),
            .init(name: "per", value: .string(metric.per.rawValue)),
            .init(name: "better", value: .string(metric.better.rawValue)),
            .init(name: "role", value: .string(metric.role.rawValue)),
            .init(name: "change", value: .string(metric.change.rawValue)),
            .init(name: "limit", value: .number(metric.limit)),
        ])
        view["quantile"] = metric.quantile.map(JSONValue.number)
        if let scale = metric.scale {
            view["scaleName"] = .string(scale.name)
            view["scale"] = ["worst": .number(scale.worst), "best": .number(scale.best)]
        }
        return .object(view)
    }
}

/// SplitMix64 from a fixed state.
private struct SystemlessRandom {
    private var state: UInt64 = 5

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
