import API
import Contracts
import FeedbackLoop
import Testing
import Values

/// Every event in every state, by table; operators' commands; names, hold-back and rollback.
@Suite("CycleMachine")
struct CycleMachineTests {
    static let start = Timestamp(milliseconds: 1_780_000_000_000)
    static let later = start.advanced(bySeconds: 10)
    static let selection = Selection(modules: [.init(name: "layers.0.mlp.down_proj", rank: 8)])
    static let other = Selection(modules: [.init(name: "layers.1.mlp.down_proj", rank: 8)])

    static func rules(_ mode: CycleMachine.Rules.Mode = .act, holdBack: Double = 0.05) -> CycleMachine.Rules {
        CycleMachine.Rules(
            deployment: "support", mode: mode, gatheringSeconds: 100, gatheringDeadlineSeconds: 400, pauseSeconds: 50,
            windowSeconds: 1000, holdBackShare: holdBack, holdBackSeconds: 500, rampSteps: 3)
    }

    static func fresh(
        _ mode: CycleMachine.Rules.Mode = .act, adapter: String? = nil, selection: Selection? = nil,
        holdBack: Double = 0.05
    ) -> CycleMachine {
        var state = LoopState(serving: .init(adapter: adapter, since: start, reason: "began"))
        state.selection = selection
        return CycleMachine(state: state, rules: rules(mode, holdBack: holdBack))
    }

    static let alarm = LoopEvent.alarm(
        .init(kind: .drift, reason: "queries changed", actor: "detector"), onset: start.advanced(bySeconds: -20))
    static let ready = LoopEvent.dataReady(.init(interactions: 10, ratings: 5))
    static let keep = LoopEvent.probed(.init(captured: 1, lower: 0.9, upper: 1.1, branch: .keep, reason: "fresh"))
    static let stale = LoopEvent.probed(
        .init(captured: 0.2, lower: 0.1, upper: 0.3, branch: .reselect, reason: "stale"))
    static let passed = LoopEvent.gated(passed: true, reason: "gains", problem: nil)

    /// States to put every event to, with the events that lead there.
    static let ways: [(name: String, mode: CycleMachine.Rules.Mode, selection: Selection?, events: [LoopEvent])] = [
        ("watching", .act, nil, []),
        ("gathering", .act, nil, [alarm]),
        ("measuring", .act, other, [alarm, ready]),
        ("estimating", .act, nil, [alarm, ready]),
        ("training", .act, nil, [alarm, ready, .estimated(selection)]),
        ("gating", .act, nil, [alarm, ready, .estimated(selection), .trained(summary: "made")]),
        (
            "awaitingApproval", .propose, nil,
            [alarm, ready, .estimated(selection), .trained(summary: "made"), passed]
        ),
        (
            "shadowing", .propose, nil,
            [
                alarm, ready, .estimated(selection), .trained(summary: "made"), passed,
                .command(.init(verb: .approve, actor: "anna", reason: "few users", terms: .init(kind: .shadow))),
            ]
        ),
        ("experimenting", .act, nil, [alarm, ready, .estimated(selection), .trained(summary: "made"), passed]),
        (
            "promoting", .act, nil,
            [
                alarm, ready, .estimated(selection), .trained(summary: "made"), passed,
                .decided(.promote(reason: "better")),
            ]
        ),
        (
            "holdingBack", .act, nil,
            [
                alarm, ready, .estimated(selection), .trained(summary: "made"), passed,
                .decided(.promote(reason: "better")), .promoted,
            ]
        ),
    ]

    static func machine(in name: String) throws -> CycleMachine {
        let way = try #require(ways.first { $0.name == name })
        var machine = fresh(way.mode, selection: way.selection)
        for event in way.events { _ = try machine.handle(event, at: start) }
        return machine
    }

    static let events: [(name: String, event: LoopEvent)] = [
        ("alarm", alarm),
        ("resumed", .resumed(.init(kind: .drift, reason: "goes on", actor: "detector"), onset: start)),
        ("scheduleDue", .scheduleDue), ("dataReady", ready), ("dataLacking", .dataLacking(reason: "few")),
        ("keep", keep), ("stale", stale), ("estimated", .estimated(selection)), ("trained", .trained(summary: "made")),
        ("passed", passed), ("failed", .gated(passed: false, reason: "loses", problem: nil)),
        ("tooLong", .gated(passed: true, reason: "gains", problem: PlanProblem(reason: "90 days", offers: []))),
        ("stepped", .stepped(1)),
        ("promote", .decided(.promote(reason: "better"))), ("harm", .decided(.harm(reason: "worse"))),
        ("undecided", .decided(.undecided(reason: "flat"))), ("promoted", .promoted),
        ("jobFailed", .jobFailed(reason: "broke", isFinal: true)),
        ("jobRetried", .jobFailed(reason: "broke", isFinal: false)), ("holdBackWon", .holdBackWon(reason: "better")),
        ("holdBackEnded", .holdBackEnded(reason: "over")),
    ]

    /// State and event → the state after; every pair that is absent changes nothing.
    static let table: [String: [String: String]] = [
        "watching": ["alarm": "probing", "resumed": "probing", "scheduleDue": "probing"],
        "gathering": ["dataReady": "estimating", "dataLacking": "watching"],
        "measuring": ["keep": "training", "stale": "estimating", "jobFailed": "watching"],
        "estimating": ["estimated": "training", "jobFailed": "watching"],
        "training": ["trained": "gating", "jobFailed": "watching"],
        "gating": [
            "passed": "experimenting", "failed": "watching", "tooLong": "awaitingApproval", "jobFailed": "watching",
        ],
        "awaitingApproval": [:],
        "shadowing": ["promote": "promoting", "harm": "watching", "undecided": "watching"],
        "experimenting": [
            "stepped": "experimenting", "promote": "promoting", "harm": "watching", "undecided": "watching",
        ],
        "promoting": ["promoted": "watching"],
        "holdingBack": ["holdBackWon": "watching", "holdBackEnded": "watching"],
    ]

    @Test("Every event in every state", arguments: ways.map(\.name))
    func transitions(_ name: String) throws {
        for (eventName, event) in Self.events {
            var machine = try Self.machine(in: name)
            let before = machine.state
            let outcome = try machine.handle(event, at: Self.later)
            let what = "\(name) × \(eventName)"
            if let expected = Self.table[name]?[eventName] {
                #expect(machine.stateName == expected, "\(what)")
                #expect(machine.state != before, "\(what)")
                #expect(outcome.transition?.to == expected, "\(what)")
            } else {
                #expect(machine.state == before, "\(what)")
                #expect(outcome.transition == nil, "\(what)")
                #expect(!outcome.rebaselines, "\(what)")
                // An alarm is told of also where no cycle starts.
                #expect(outcome.notices.map(\.type) == (eventName == "alarm" ? [.driftDetected] : []), "\(what)")
            }
            let promotion = name == "promoting" && eventName == "promoted"
            let rollback = name == "holdingBack" && eventName == "holdBackWon"
            if !promotion && !rollback {
                #expect(machine.state.serving == before.serving, "\(what) changed the incumbent")
                #expect(machine.state.selection == before.selection, "\(what)")
            }
            Self.expectNamesGrow(before, machine.state, what)
        }
    }

    static func expectNamesGrow(_ before: LoopState, _ after: LoopState, _ what: String) {
        #expect(after.counters.cycle >= before.counters.cycle, "\(what)")
        #expect(after.counters.adapter >= before.counters.adapter, "\(what)")
        #expect(after.counters.experiment >= before.counters.experiment, "\(what)")
        #expect(after.counters.job >= before.counters.job, "\(what)")
        if let job = after.cycle?.stage.job, job != before.cycle?.stage.job {
            #expect(job == "support-j-\(before.counters.job + 1)", "\(what)")
        }
    }

    // MARK: Commands

    static func command(
        _ verb: OperatorCommand.Verb, cycle: String? = nil, experiment: String? = nil, adapter: String? = nil
    ) -> LoopEvent {
        .command(
            .init(verb: verb, actor: "anna", reason: "why", cycle: cycle, experiment: experiment, adapter: adapter))
    }

    /// State and verb → the state after; every pair that is absent is refused, pause and resume always work.
    static let commands: [String: [OperatorCommand.Verb: String]] = [
        "watching": [.retrain: "probing"],
        "gathering": [.cancel: "watching"], "measuring": [.cancel: "watching"], "estimating": [.cancel: "watching"],
        "training": [.cancel: "watching"], "gating": [.cancel: "watching"],
        "awaitingApproval": [
            .approve: "experimenting", .reject: "watching", .promote: "promoting", .cancel: "watching",
        ],
        "shadowing": [.reject: "watching", .promote: "promoting", .cancel: "watching"],
        "experimenting": [
            .promote: "promoting", .rollback: "watching", .advance: "experimenting", .cancel: "watching",
            .holdRamp: "experimenting",
        ],
        "promoting": [.rollback: "watching"],
        "holdingBack": [.retrain: "probing", .rollback: "watching"],
    ]

    @Test("Every command in every state", arguments: ways.map(\.name))
    func commandTable(_ name: String) throws {
        for verb in OperatorCommand.Verb.allCases where verb != .pause && verb != .resume {
            var machine = try Self.machine(in: name)
            let before = machine.state
            if let expected = Self.commands[name]?[verb] {
                let outcome = try machine.handle(Self.command(verb), at: Self.later.advanced(bySeconds: 60))
                #expect(machine.stateName == expected, "\(name) × \(verb)")
                #expect(outcome.transition?.actor == "anna", "\(name) × \(verb)")
                if verb != .rollback || name != "holdingBack" {
                    #expect(machine.state.serving == before.serving, "\(name) × \(verb)")
                }
            } else {
                #expect(throws: CommandRefusal.self, "\(name) × \(verb)") {
                    _ = try machine.handle(Self.command(verb), at: Self.later)
                }
                #expect(machine.state == before, "\(name) × \(verb)")
            }
        }
    }

    @Test("A command for a cycle or an experiment that moved on is a conflict")
    func conflicts() throws {
        var machine = try Self.machine(in: "experimenting")
        for event in [
            Self.command(.cancel, cycle: "support-c-9"), Self.command(.promote, experiment: "support-e-9"),
            Self.command(.promote, adapter: "support-v9"),
        ] {
            let refusal = #expect(throws: CommandRefusal.self) { _ = try machine.handle(event, at: Self.later) }
            #expect(refusal?.isConflict == true)
        }
        _ = try machine.handle(Self.command(.cancel, cycle: "support-c-1", experiment: "support-e-1"), at: Self.later)
        #expect(machine.stateName == "watching")
    }

    @Test("Paused, nothing begins by itself; resumed, it may")
    func pause() throws {
        var machine = Self.fresh()
        let outcome = try machine.handle(Self.command(.pause), at: Self.start)
        #expect(outcome.transition?.actor == "anna")
        let alarmed = try machine.handle(Self.alarm, at: Self.later)
        #expect(machine.state.cycle == nil)
        #expect(alarmed.notices.map(\.type) == [.driftDetected])
        #expect(!machine.mayBegin(at: Self.later))
        #expect(throws: CommandRefusal.self) { _ = try machine.handle(Self.command(.retrain), at: Self.later) }
        _ = try machine.handle(Self.command(.resume), at: Self.later)
        #expect(machine.mayBegin(at: Self.later))
    }

    @Test("Paused, what the loop would have to go on with is refused, and what a person decides for good is not")
    func pauseInACycle() throws {
        let toGate: [LoopEvent] = [Self.alarm, Self.ready, .estimated(Self.selection), .trained(summary: "made")]
        for (mode, refused) in [(CycleMachine.Rules.Mode.propose, OperatorCommand.Verb.approve), (.act, .advance)] {
            for allowed in [OperatorCommand.Verb.promote, .cancel] {
                var machine = Self.fresh(mode)
                for event in toGate + [Self.passed, Self.command(.pause)] {
                    _ = try machine.handle(event, at: Self.start)
                }
                let before = machine.stateName
                #expect(throws: CommandRefusal.self) { _ = try machine.handle(Self.command(refused), at: Self.later) }
                #expect(machine.stateName == before)
                _ = try machine.handle(Self.command(allowed), at: Self.later)
                #expect(machine.stateName != before)
            }
        }
    }

    @Test("Observe alarms and trains nothing; an operator may still ask, and is asked before anybody is exposed")
    func observe() throws {
        var machine = Self.fresh(.observe)
        let outcome = try machine.handle(Self.alarm, at: Self.start)
        #expect(machine.state.cycle == nil)
        #expect(outcome.notices.map(\.type) == [.driftDetected])
        #expect(!machine.mayBegin(at: Self.later))
        let ended = try machine.handle(.episodeEnded(reason: "lasted"), at: Self.later)
        #expect(ended.rebaselines)
        _ = try machine.handle(Self.command(.retrain), at: Self.later)
        for event in [Self.ready, .estimated(Self.selection), .trained(summary: "made"), Self.passed] {
            _ = try machine.handle(event, at: Self.later)
        }
        #expect(machine.stateName == "awaitingApproval")
    }

    @Test("No cycle begins by itself before the pause is over")
    func quiet() throws {
        var machine = try Self.machine(in: "gathering")
        _ = try machine.handle(.dataLacking(reason: "few"), at: Self.start)
        #expect(machine.state.lastEnd?.cause == .tooFewData)
        #expect(!machine.mayBegin(at: Self.start.advanced(bySeconds: 49)))
        _ = try machine.handle(Self.alarm, at: Self.start.advanced(bySeconds: 49))
        #expect(machine.state.cycle == nil)
        #expect(machine.mayBegin(at: Self.start.advanced(bySeconds: 50)))
        _ = try machine.handle(Self.alarm, at: Self.start.advanced(bySeconds: 50))
        #expect(machine.state.cycle?.id == "support-c-2")
    }

    // MARK: Ends

    @Test("Which ends answer the episode: the reference begins anew")
    func rebaselines() throws {
        let cases: [(String, LoopEvent, Bool)] = [
            ("gathering", .dataLacking(reason: "few"), false),
            ("training", .jobFailed(reason: "broke", isFinal: true), false),
            ("gating", .gated(passed: false, reason: "loses", problem: nil), true),
            ("experimenting", .decided(.harm(reason: "worse")), true),
            ("experimenting", .decided(.undecided(reason: "flat")), true),
            ("promoting", .promoted, true), ("training", Self.command(.cancel), true),
            ("awaitingApproval", Self.command(.reject), true),
        ]
        for (name, event, expected) in cases {
            var machine = try Self.machine(in: name)
            #expect(try machine.handle(event, at: Self.later).rebaselines == expected, "\(name)")
        }
        var machine = try Self.machine(in: "training")
        _ = try machine.handle(.jobFailed(reason: "broke", isFinal: true), at: Self.later)
        #expect(machine.state.lastEnd?.retryAt == Self.later.advanced(bySeconds: 50))
    }

    @Test("The notices of a whole cycle, each once and in order")
    func notices() throws {
        var machine = Self.fresh(selection: Self.other)
        var types: [WebhookEventType] = []
        for event in [
            Self.alarm, Self.ready, Self.stale, .estimated(Self.selection), .trained(summary: "made"), Self.passed,
            .stepped(1), .decided(.promote(reason: "better")), .promoted, .holdBackWon(reason: "old is better"),
        ] {
            types += try machine.handle(event, at: Self.start).notices.map(\.type)
        }
        #expect(
            types == [
                .driftDetected, .selectionStale, .adapterTrained, .experimentStarted, .experimentDecided,
                .adapterPromoted, .adapterRolledBack,
            ])
    }

    // MARK: Hold-back and rollback

    @Test("A promotion keeps the old adapter for the hold-back, and its selection for a rollback")
    func holdBack() throws {
        var machine = Self.fresh(adapter: "support-v1", selection: Self.other)
        for event in [
            Self.alarm, Self.ready, Self.stale, .estimated(Self.selection), .trained(summary: "made"), Self.passed,
            .decided(.promote(reason: "better")), .promoted,
        ] {
            _ = try machine.handle(event, at: Self.start)
        }
        #expect(machine.state.serving.adapter == "support-v1" || machine.state.holdBack?.adapter == "support-v1")
        #expect(machine.state.selection == Self.selection)
        #expect(machine.state.holdBack?.experiment == "support-e-2")
        #expect(machine.state.holdBack?.until == Self.start.advanced(bySeconds: 500))
        let outcome = try machine.handle(.holdBackWon(reason: "old is better"), at: Self.later)
        #expect(outcome.transition?.actor == "hold-back")
        #expect(machine.state.serving.adapter == "support-v1")
        #expect(machine.state.selection == Self.other)
        #expect(machine.state.holdBack == nil)
    }

    @Test("After the hold-back one command still goes back, once; then a name is asked for")
    func rollbackAfterHoldBack() throws {
        var machine = try Self.machine(in: "holdingBack")
        _ = try machine.handle(.holdBackEnded(reason: "over"), at: Self.later)
        _ = try machine.handle(Self.command(.rollback), at: Self.later)
        #expect(machine.state.serving.adapter == nil)
        #expect(throws: CommandRefusal.self) { _ = try machine.handle(Self.command(.rollback), at: Self.later) }
        _ = try machine.handle(Self.command(.rollback, adapter: "support-v1"), at: Self.later)
        #expect(machine.state.serving.adapter == "support-v1")
        #expect(throws: CommandRefusal.self) {
            _ = try machine.handle(Self.command(.rollback, adapter: "support-v1"), at: Self.later)
        }
        _ = try machine.handle(Self.command(.rollback, adapter: "base"), at: Self.later)
        #expect(machine.state.serving.adapter == nil)
    }

    @Test("A rollback ends the cycle that was built on what is taken back")
    func rollbackUnderWay() throws {
        var machine = try Self.machine(in: "holdingBack")
        _ = try machine.handle(Self.command(.retrain), at: Self.later)
        _ = try machine.handle(Self.ready, at: Self.later)
        let outcome = try machine.handle(.holdBackWon(reason: "old is better"), at: Self.later)
        #expect(machine.state.cycle == nil)
        #expect(machine.state.lastEnd?.cause == .incumbentChanged)
        #expect(!outcome.rebaselines)
    }

    @Test("An operator's promotion without an experiment has a hold-back of its own, in place of the one before")
    func holdBackOfAnOperatorsPromotion() throws {
        for share in [0.05, 0] {
            var machine = Self.fresh(.propose, holdBack: 0.05)
            for event in [
                Self.alarm, Self.ready, .estimated(Self.selection), .trained(summary: "made"), Self.passed,
                Self.command(.approve), .decided(.promote(reason: "better")), .promoted,
            ] {
                _ = try machine.handle(event, at: Self.start)
            }
            #expect(machine.state.holdBack?.adapter == nil && machine.state.holdBack?.experiment == "support-e-2")
            #expect(machine.state.serving.reason == "experiment support-e-1 promoted it")
            machine = CycleMachine(state: machine.state, rules: Self.rules(.propose, holdBack: share))
            for event in [
                Self.command(.retrain), Self.ready, Self.stale, .estimated(Self.selection), .trained(summary: "made"),
                Self.passed, Self.command(.promote), .promoted,
            ] {
                _ = try machine.handle(event, at: Self.later)
            }
            #expect(machine.state.serving.adapter == "support-v2")
            #expect(machine.state.serving.reason == "anna promoted it")
            #expect(machine.state.holdBack?.adapter == (share > 0 ? "support-v1" : nil))
            #expect(machine.state.holdBack?.experiment == (share > 0 ? "support-e-3" : nil))
            _ = try machine.handle(Self.command(.rollback), at: Self.later)
            #expect(machine.state.serving.adapter == "support-v1")
        }
    }

    @Test("What an operator ends is told in a sentence: what happened, to what, and by whom")
    func toldByName() throws {
        let experiment = "cycle support-c-1 (candidate support-v1, experiment support-e-1)"
        for (verb, deed, types) in [
            (.cancel, "cancelled", [.cycleRejected]),
            (.rollback, "rolled back", [.adapterRolledBack, .cycleRejected]),
        ] as [(OperatorCommand.Verb, String, [WebhookEventType])] {
            var machine = try Self.machine(in: "experimenting")
            let notices = try machine.handle(Self.command(verb), at: Self.later).notices
            #expect(notices.map(\.type) == types)
            #expect(notices.allSatisfy { $0.summary == "anna \(deed) \(experiment): why" }, "\(notices)")
            #expect(notices.allSatisfy { $0.experiment == "support-e-1" })
        }
        var machine = Self.fresh(adapter: "support-v7")
        for event in [Self.alarm, Self.ready, .estimated(Self.selection), .trained(summary: "made"), Self.passed] {
            _ = try machine.handle(event, at: Self.start)
        }
        let notices = try machine.handle(Self.command(.rollback, adapter: "base"), at: Self.later).notices
        #expect(notices.map(\.type) == [.adapterRolledBack, .adapterRolledBack, .cycleRejected])
        let ending = "\(experiment) ends, since anna took back support-v7, on which it was built: why"
        #expect(
            notices.map(\.summary) == [
                "rolled back by anna: the base model serves again in place of support-v7: why", ending, ending,
            ])
        var waiting = try Self.machine(in: "awaitingApproval")
        let rejected = try waiting.handle(Self.command(.reject), at: Self.later).notices
        #expect(
            rejected.map(\.summary) == ["anna rejected cycle support-c-1 (candidate support-v1): why"])
    }

    @Test("Without a hold-back share a promotion leaves no comparison, and can be taken back")
    func noHoldBack() throws {
        var machine = Self.fresh(holdBack: 0)
        for event in [
            Self.alarm, Self.ready, .estimated(Self.selection), .trained(summary: "made"), Self.passed,
            .decided(.promote(reason: "better")), .promoted,
        ] {
            _ = try machine.handle(event, at: Self.start)
        }
        #expect(machine.state.holdBack == nil)
        _ = try machine.handle(Self.command(.rollback), at: Self.later)
        #expect(machine.state.serving.adapter == nil)
    }

    /// A candidate that waits since an experiment as configured would take too long.
    private static func tooLong() throws -> CycleMachine {
        var machine = try machine(in: "gating")
        let offers = [
            ComparisonOffer(terms: ComparisonTerms(kind: .nonInferiority, margin: 0.03), days: 9, detail: "no less"),
            ComparisonOffer(terms: ComparisonTerms(kind: .superiority, minimumEffect: 0.06), days: 20, detail: "more"),
        ]
        let outcome = try machine.handle(
            .gated(
                passed: true, reason: "gains",
                problem: PlanProblem(reason: "90 days", offers: offers, smallestMargin: 0.02)),
            at: later)
        #expect(outcome.notices.map(\.type) == [.approvalNeeded])
        #expect(machine.state.cycle?.experiment == nil)
        return machine
    }

    private static func approval(_ terms: ComparisonTerms?) -> LoopEvent {
        .command(OperatorCommand(verb: .approve, actor: "ann", reason: "because", terms: terms))
    }

    @Test(
        "What cannot be decided in time is not begun as configured, nor for a smaller effect than is offered",
        arguments: [
            nil, ComparisonTerms(kind: .superiority), ComparisonTerms(kind: .superiority, minimumEffect: 0.05),
            ComparisonTerms(kind: .nonInferiority, margin: 0.01),
        ])
    func notBegunTooLong(_ terms: ComparisonTerms?) throws {
        var machine = try Self.tooLong()
        let before = machine.state
        let refusal = #expect(throws: CommandRefusal.self) {
            _ = try machine.handle(Self.approval(terms), at: Self.later)
        }
        #expect(refusal?.description.contains("0.06") == true)
        #expect(machine.state == before)
    }

    @Test(
        "What can be decided in time is begun, by the terms that were chosen",
        arguments: [
            ComparisonTerms(kind: .nonInferiority, margin: 0.03), ComparisonTerms(kind: .nonInferiority),
            ComparisonTerms(kind: .superiority, minimumEffect: 0.06),
        ])
    func begunByTerms(_ terms: ComparisonTerms) throws {
        var machine = try Self.tooLong()
        _ = try machine.handle(Self.approval(terms), at: Self.later)
        #expect(machine.stateName == "experimenting")
        #expect(machine.state.cycle?.experiment == "support-e-1")
        #expect(machine.state.cycle?.terms == terms)
        #expect(machine.state.cycle?.approvedBy == "ann")
    }

    @Test("The ramp jumps to a later step, and to no earlier one or beyond the last")
    func jump() throws {
        func to(_ step: Int) -> LoopEvent {
            .command(OperatorCommand(verb: .advance, actor: "ann", reason: "because", step: step))
        }
        var machine = try Self.machine(in: "experimenting")
        for step in [0, 3, -1] {
            #expect(throws: CommandRefusal.self) { _ = try machine.handle(to(step), at: Self.later) }
        }
        _ = try machine.handle(to(2), at: Self.later)
        #expect(machine.state.cycle?.stage == .experimenting(step: 2))
        #expect(throws: CommandRefusal.self) { _ = try machine.handle(to(1), at: Self.later) }
    }

    @Test("A ramp that is held is held by one, and let go once")
    func hold() throws {
        var machine = try Self.machine(in: "experimenting")
        #expect(throws: CommandRefusal.self) { _ = try machine.handle(Self.command(.releaseRamp), at: Self.later) }
        let outcome = try machine.handle(Self.command(.holdRamp), at: Self.later)
        #expect(outcome.transition?.from == outcome.transition?.to)
        #expect(machine.state.cycle?.heldBy == outcome.transition?.actor)
        #expect(throws: CommandRefusal.self) { _ = try machine.handle(Self.command(.holdRamp), at: Self.later) }
        let release = machine.state.release(of: "support-e-1")
        #expect(release == "goes on when it is let go (retunectl ab release)")
        #expect(machine.state.release(of: "support-e-9") == nil)
        _ = try machine.handle(.stepAwaited(1, reason: "no harm"), at: Self.later)
        for verb in [OperatorCommand.Verb.approve, .advance] {
            #expect(throws: CommandRefusal.self) { _ = try machine.handle(Self.command(verb), at: Self.later) }
        }
        _ = try machine.handle(Self.command(.releaseRamp), at: Self.later)
        #expect(machine.state.cycle?.heldBy == nil)
        var other = try Self.machine(in: "awaitingApproval")
        #expect(throws: CommandRefusal.self) { _ = try other.handle(Self.command(.holdRamp), at: Self.later) }
    }

    @Test("A step that asks for a person is asked for once, and begins at their word")
    func awaitedStep() throws {
        var machine = try Self.machine(in: "experimenting")
        #expect(throws: CommandRefusal.self) { _ = try machine.handle(Self.command(.approve), at: Self.later) }
        let first = try machine.handle(.stepAwaited(1, reason: "no harm"), at: Self.later)
        #expect(first.notices.map(\.type) == [.approvalNeeded])
        #expect(try machine.handle(.stepAwaited(1, reason: "no harm"), at: Self.later).notices.isEmpty)
        _ = try machine.handle(Self.command(.approve), at: Self.later)
        #expect(machine.state.cycle?.stage == .experimenting(step: 1))
        #expect(throws: CommandRefusal.self) { _ = try machine.handle(Self.command(.approve), at: Self.later) }
        #expect(try machine.handle(.stepAwaited(2, reason: "no harm"), at: Self.later).notices.count == 1)
    }

    @Test("Why the ramp is held is told once")
    func heldByACheck() throws {
        var machine = try Self.machine(in: "experimenting")
        let told = try [0, 0, 1].map { number in
            try machine.handle(.rampHeld(reason: "reason \(number)"), at: Self.later).notices.map(\.type)
        }
        #expect(told == [[.experimentHeld], [], [.experimentHeld]])
    }

    @Test("The ramp is moved by hand up to its last step")
    func advance() throws {
        var machine = try Self.machine(in: "experimenting")
        _ = try machine.handle(Self.command(.advance), at: Self.later)
        _ = try machine.handle(Self.command(.advance), at: Self.later)
        #expect(machine.state.cycle?.stage == .experimenting(step: 2))
        #expect(throws: CommandRefusal.self) { _ = try machine.handle(Self.command(.advance), at: Self.later) }
        _ = try machine.handle(.stepped(1), at: Self.later)
        #expect(machine.state.cycle?.stage == .experimenting(step: 2))
    }

    @Test("A shadow replay is begun where the plan is too long; it exposes nobody, and is told of")
    func shadow() throws {
        var machine = Self.fresh(.act)
        let long = LoopEvent.gated(
            passed: true, reason: "gains", problem: PlanProblem(reason: "90 days", offers: []))
        for event in [Self.alarm, Self.ready, .estimated(Self.selection), .trained(summary: "made"), long] {
            _ = try machine.handle(event, at: Self.start)
        }
        let approval = OperatorCommand(
            verb: .approve, actor: "anna", reason: "few users", terms: ComparisonTerms(kind: .shadow))
        let begun = try machine.handle(.command(approval), at: Self.later)
        #expect(machine.stateName == "shadowing" && machine.state.cycle?.experiment == nil)
        #expect(begun.notices.map(\.type) == [.experimentStarted])
        #expect(begun.notices[0].summary.hasPrefix("shadow replay: support-v1 and the base model answer"))
        #expect(!machine.isExposedUnasked)
        var observing = CycleMachine(state: machine.state, rules: Self.rules(.observe))
        #expect(!observing.isExposedUnasked)
        let decided = try observing.handle(.decided(.promote(reason: "better")), at: Self.later)
        #expect(decided.notices.map(\.type) == [.experimentDecided])
        _ = try observing.handle(.promoted, at: Self.later)
        #expect(observing.state.serving.reason == "the shadow replay of support-c-1 promoted it")
        #expect(observing.state.holdBack != nil)
        let harmed = try machine.handle(.decided(.harm(reason: "worse")), at: Self.later)
        #expect(machine.state.lastEnd?.outcome == .rolledBack && machine.state.lastEnd?.cause == .harm)
        #expect(harmed.notices.map(\.type) == [.experimentDecided, .adapterRolledBack, .cycleRejected])
    }

    @Test("States survive their encoding", arguments: ways.map(\.name))
    func coding(_ name: String) throws {
        let state = try Self.machine(in: name).state
        #expect(try StrictJSON.decode(LoopState.self, parsing: StrictJSON.encodeBytes(state)) == state)
    }

    @Test("In observe nobody is exposed to what no operator approved; what one approved goes on")
    func observeExposesNobody() throws {
        for decided in [false, true] {
            var machine = Self.fresh()
            for event in [Self.alarm, Self.ready, .estimated(Self.selection), .trained(summary: "made"), Self.passed] {
                _ = try machine.handle(event, at: Self.start)
            }
            if decided { _ = try machine.handle(.decided(.promote(reason: "better")), at: Self.start) }
            // Nothing ends while the mode is the one that exposed them.
            #expect(!machine.isExposedUnasked)
            #expect(try machine.handle(.exposureEnded, at: Self.later).transition == nil)
            var observing = CycleMachine(state: machine.state, rules: Self.rules(.observe))
            #expect(observing.isExposedUnasked)
            let outcome = try observing.handle(.exposureEnded, at: Self.later)
            #expect(outcome.transition?.to == "watching")
            #expect(observing.state.lastEnd?.outcome == .rejected && observing.state.lastEnd?.cause == .cancelled)
            #expect(observing.state.serving.adapter == nil)
        }
        for verb in [OperatorCommand.Verb.approve, .promote] {
            var machine = Self.fresh(.observe)
            let retrain = OperatorCommand(verb: .retrain, actor: "ada", reason: "try")
            for event in [
                .command(retrain), Self.ready, .estimated(Self.selection), .trained(summary: "made"), Self.passed,
                .command(OperatorCommand(verb: verb, actor: "ada", reason: "yes")),
            ] { _ = try machine.handle(event, at: Self.start) }
            #expect(machine.stateName == (verb == .approve ? "experimenting" : "promoting"))
            #expect(!machine.isExposedUnasked)
            #expect(try machine.handle(.exposureEnded, at: Self.later).transition == nil)
        }
    }
}
