import API
import Testing
import Values
import retunectl

@Suite("RetunectlScreens")
struct RetunectlScreenTests {
    @Test("A metric that is the goal stands under the difference, as how much better it is")
    func goal() throws {
        var view = RetunectlExamples.experiment()
        view.guardrails.append(
            GuardrailView(
                name: "cost", incumbent: 120, candidate: 96, limit: 0.95, role: "goal", ok: true,
                detail: "+20.0% better (+12.0% to +28.0%): shown; +5.0% or more is worth a promotion"))
        let screen = Screen.experiment(view)
        #expect(
            screen.contains(
                "  and that cost is better: +20.0% better (+12.0% to +28.0%): shown; +5.0% or more is worth a promotion (incumbent 120, candidate 96)"
            ))
        #expect(!screen.contains("ok      cost"))
    }

    @Test("status")
    func status() {
        #expect(
            Screen.deployment(RetunectlExamples.deployment) == """
                support-en   mode act
                  serving  support-en-v3 since 2026-05-01 12:00:00 UTC
                           experiment e-11 promoted it
                  loop     experimenting, step 2 of the ramp since 2026-05-01 17:00:00 UTC (cycle c-13, started by drift)
                  next     look at 14:05; decides at about 420 rated units
                  log      12,000 interactions, 5,100 ratings, 1 unit
                  cost     cpuSeconds 91.2
                  health   ok (serving)
                """)
        var ill = RetunectlExamples.deployment
        ill.paused = true
        ill.cycle = nil
        ill.serving.adapter = nil
        ill.health.append(HealthCheck(check: "trainer", ok: false, detail: "out of its memory budget"))
        let text = Screen.deployment(ill)
        #expect(text.hasPrefix("support-en   mode act, PAUSED by an operator\n  serving  the base model since"))
        #expect(text.hasSuffix("  health   NOT OK: trainer: out of its memory budget"))
    }

    @Test("ab status of a test under way")
    func running() {
        #expect(
            Screen.experiment(RetunectlExamples.experiment()) == """
                Experiment e-12 of support-en: support-en-v4 against support-en-v3
                running since 2026-05-01 12:00:00 UTC, step 2 of 3: 25% of the units in each arm

                arm        adapter        units  rated  mean thumb  interval
                incumbent  support-en-v3  1,204    611       0.612  0.571 to 0.653
                candidate  support-en-v4  1,198    602       0.671  –

                Difference in thumb, candidate minus incumbent, with its 95% confidence sequence
                  +0.059   (-0.012 to +0.130)
                  worse -0.130 ··················━━│━━━━━━━━●━━━━━━━━━━━ +0.130 better
                  2 looks, the last at 2026-05-02 18:00:00 UTC with 1,213 rated units; looking often does not spoil it
                  by request, rated or not: good +0.021, bad -0.030
                  were all missing ratings against it, or all for it: -0.500 to +0.490
                  for harm, from the first unit on: 602 pairs of units, evidence 1.28 of the 8.10 that stop it; two planned comparisons may too

                Guardrails
                  ok      latency: 1.02 times the incumbent's (incumbent 84.1, candidate 86)
                  BROKEN  errors: 4% more errors
                Sample ratio
                  ok      units: 1,204 incumbent, 1,198 candidate, p 0.910
                  ok      raters: 611 incumbent, 602 candidate, p 0.800
                  ok      rated requests: 31% of the incumbent's, 30% of the candidate's

                Ramp
                  1  5% in each arm  done 2026-05-02 12:00:00 UTC: no harm seen
                  2  25% in each arm  now, since 2026-05-02 12:00:00 UTC
                  3  50% in each arm  later

                Decision  none yet: the interval still holds 0, so the two may be equal
                Next      look at 15:00; decides at about 1,600 rated units
                """)
    }

    @Test("ab status says who holds the ramp, what has to be shown, which steps ask, and who is left out")
    func experimentByTerms() {
        var view = RetunectlExamples.experiment()
        view.heldBy = "anna"
        view.looks[1].relative = [0.0964, -0.02, 0.21]
        view.design.margin = 0.03
        view.design.approvalSteps = [3]
        view.arms[1].inBothArms = 2
        view.guardrails.append(
            GuardrailView(
                name: "long answers", incumbent: 40, candidate: 71, limit: 1.3, role: "signal", ok: false,
                detail: "worse than the limit allows"))
        let text = Screen.experiment(view)
        for line in [
            "25% of the units in each arm, held there by anna",
            "  to be shown: that the candidate is not worse by 0.03 (non-inferiority)",
            "  that is +9.6% of the incumbent's mean (-2.0% to +21.0%)",
            "left out, candidate: 2 units that the other arm's adapter answered too",
            "  BROKEN  signal long answers: worse than the limit allows (incumbent 40, candidate 71)",
            "later, when a person approves it",
        ] { #expect(text.contains(line), "\(line)\n\(text)") }
    }

    @Test("ab status says which newcomers came in a burst, and whose ratings wait")
    func experimentWithBursts() {
        var view = RetunectlExamples.experiment()
        view.bursts = [
            BurstView(from: RetunectlExamples.hours(3), until: RetunectlExamples.hours(10), newcomers: 1512)
        ]
        view.arms[0].waiting = WaitingView(rated: 1, ratings: 2)
        view.arms[1].aside = AsideView(rated: 40, ratings: 120, mean: 0, why: "burst")
        let text = Screen.experiment(view)
        for line in [
            "burst, 2026-05-01 15:00:00 to 2026-05-01 22:00:00 UTC: 1,512 newcomers came to rate, more than is usual at that time of the day",
            "waiting, incumbent: 2 ratings of 1 unit by newcomers, until six hours show whether they came in a burst",
            "set aside, candidate: 120 ratings of 40 units, mean 0.000: the unit or the rater was not there when it began, and came in a burst",
        ] { #expect(text.contains(line), "\(line)\n\(text)") }
    }

    @Test("A cycle that waits since its experiment would take too long shows what would not")
    func offers() {
        let offer = OfferView(
            terms: TermsView(comparison: .nonInferiority, margin: 0.03), days: 12.34, detail: "not worse by 3.0 points",
            command: "retunectl cycles approve --as nonInferiority --margin 0.03")
        let view = CycleView(
            id: "c-13", deployment: "support-en", state: .awaitingApproval, started: RetunectlExamples.noon,
            since: RetunectlExamples.noon, offers: [offer], steps: [])
        let lines = """
              what could be decided in time
                - not worse by 3.0 points, about 12.3 days
                  retunectl cycles approve --as nonInferiority --margin 0.03
            """
        #expect(Screen.cycle(view).contains(lines))
    }

    @Test("ab status of a decided test, and of one without a look")
    func decidedAndNew() {
        var view = RetunectlExamples.experiment()
        view.state = .decided
        view.ended = RetunectlExamples.hours(40)
        view.decision = "promote"
        view.reason = "the lower end of the difference is above 0"
        view.next = nil
        let decided = Screen.experiment(view)
        #expect(decided.contains("\nran since 2026-05-01 12:00:00 UTC, decided 2026-05-03 04:00:00 UTC\n"))
        #expect(decided.contains("\n  3  50% in each arm  not reached\n"))
        #expect(decided.hasSuffix("Decision  promote\nWhy       the lower end of the difference is above 0"))
        view = RetunectlExamples.experiment()
        view.looks = []
        view.guardrails = []
        let new = Screen.experiment(view)
        #expect(new.contains("confidence sequence\n  no look yet\n"))
        #expect(new.contains("Guardrails\n  none measured yet\n"))
        #expect(new.contains("Decision  none yet: too little is rated so far"))
    }

    @Test("ab status of a decided test says what serves now, and what the loop does meanwhile")
    func decidedBesideTheLoop() {
        var view = RetunectlExamples.experiment()
        view.state = .decided
        view.decision = "stopForHarm"
        view.next = nil
        view.design.holdBack = true
        let text = Screen.experiment(view, in: RetunectlExamples.deployment)
        #expect(text.contains("\nsupport-en-v4 was taken back: everybody got support-en-v3 again\n"))
        #expect(
            text.hasSuffix(
                """
                Decision  stopForHarm
                Serving   support-en-v3 since 2026-05-01 12:00:00 UTC: experiment e-11 promoted it

                The loop is experimenting.
                Next: look at 14:05; decides at about 420 rated units
                """))
        var idle = RetunectlExamples.deployment
        idle.cycle = CycleSummary(state: .watching, since: RetunectlExamples.noon)
        #expect(!Screen.experiment(view, in: idle).contains("The loop is"))
    }

    @Test("ab status shows no more than scores in [0, 1] can differ by, and says that the loop is paused")
    func possible() {
        var view = RetunectlExamples.experiment()
        view.state = .paused
        view.looks[1].difference = 0.66
        view.looks[1].interval = [-118.692, 120.025]
        view.looks[1].relative = [2, -1072.225, 1076.225]
        let text = Screen.experiment(view)
        #expect(text.contains("  +0.660   (-1.000 to +1.000)\n"))
        #expect(text.contains("  worse -1.000 ━") && text.contains("━ +1.000 better\n"))
        #expect(!text.contains("of the incumbent's mean"))
        #expect(
            text.contains(
                "\nsince 2026-05-01 12:00:00 UTC, paused, step 2 of 3: 25% of the units in each arm\n"))
    }

    @Test("the experiment shown is the one that goes on, else the latest")
    func choice() {
        var (old, new) = (RetunectlExamples.experiment(), RetunectlExamples.experiment())
        old.id = "e-1"
        old.started = RetunectlExamples.hours(-100)
        new.state = .decided
        #expect(Screen.currentExperiment([new, old])?.id == "e-1")
        old.state = .decided
        #expect(Screen.currentExperiment([new, old])?.id == "e-12")
        #expect(Screen.currentExperiment([]) == nil)
    }

    @Test("impact without colour")
    func impact() {
        #expect(
            Screen.impact(RetunectlExamples.impact(), inColour: false) == """
                Impact map of support-en, cycle c-13
                method gradient, 212 units, measured 2026-05-01 12:00:00 UTC

                layer      q     up   down
                    0 ░░░    ▒▒▒    ▒▒▒
                    1 ▒▒▒    ▓▓▓    ███  8

                1 of 6 modules selected: 1,024 parameters of a budget of 200,000
                strongest                  impact  ± error  rank  per 1,000 parameters
                layers.1.mlp.down_proj      0.950    0.010     8                 7.422
                layers.1.mlp.up_proj        0.617    0.010     –                 4.818
                layers.0.mlp.down_proj      0.450    0.010     –                 3.516
                layers.0.mlp.up_proj        0.283    0.010     –                 2.214
                layers.1.self_attn.q_proj   0.283    0.010     –                 2.214
                layers.0.self_attn.q_proj   0.117    0.010     –                 0.911
                """)
    }

    @Test("impact in colour paints each module once and ends each colour")
    func impactInColour() {
        let text = Screen.impact(RetunectlExamples.impact(), inColour: true)
        #expect(text.matches(of: /\u{1B}\[48;5;\d+m\u{1B}\[38;5;\d+m.{6}\u{1B}\[0m/).count == 6)
        #expect(text.contains("\u{1B}[48;5;196m\u{1B}[38;5;16m  8   \u{1B}[0m"))
        #expect(!Screen.impact(RetunectlExamples.impact(), inColour: false).contains("\u{1B}"))
    }

    @Test("drift shows what is new now, and the earlier alarms with their size and news")
    func drift() {
        let alarm = AlarmView(
            id: "support-en-1", detector: "queries", time: RetunectlExamples.noon, ended: RetunectlExamples.hours(48),
            effectSize: 0.83, summary: "queries changed",
            newTerms: [TermChange(term: "invoice", before: 0.01, after: 0.25)], newQueries: ["Where is my invoice?"])
        let view = DriftView(
            deployment: "support-en",
            detectors: [DetectorView(name: "queries", state: "learning", observations: 12, detail: "12 of 600")],
            falseAlarms: "1 per 30d", earlier: [alarm])
        #expect(
            Screen.drift(view) == """
                No drift in support-en.

                detector  state     statistic  alarm at  effect  seen
                queries   learning          –         –       –    12  12 of 600
                false alarms: 1 per 30d

                Earlier
                  support-en-1  2026-05-01 12:00:00 to 2026-05-03 12:00:00 UTC, queries
                    effect 0.83: queries changed
                    more frequent now (share of the queries)
                      invoice  1.0% → 25.0%
                    new queries, for example
                      “Where is my invoice?”
                """)
    }

    @Test("lists that are empty say so")
    func empty() {
        #expect(Screen.cycles(CycleList(cycles: [])) == "There has been no cycle yet.")
        #expect(Screen.adapters(AdapterList(adapters: [])).hasPrefix("There is no adapter yet"))
        #expect(Screen.deadLetters(DeadLetterList(deadLetters: [])).hasPrefix("Every delivery has arrived"))
        #expect(Screen.deployments(DeploymentList(deployments: [])).hasPrefix("There is no deployment yet"))
    }

    @Test("figures")
    func figures() {
        #expect(Figures.grouped(-1_234_567) == "-1,234,567")
        #expect(Figures.grouped(999) == "999")
        #expect(Figures.fixed(-0.0004) == "0.000")
        #expect(Figures.fixed(0.9996) == "1.000")
        #expect(Figures.fixed(1.5, 0, signed: true) == "+2")
        #expect(Figures.fixed(.infinity) == "inf")
        #expect(Figures.short(12) == "12")
        #expect(Figures.short(0.25) == "0.25")
        #expect(Figures.counted(1, "look") == "1 look")
    }

    @Test("webhooks resend")
    func resend() {
        let held = WebhookQueued(ids: [], held: ["ops"])
        #expect(Screen.queued(WebhookQueued(ids: []), empty: "none") == "none")
        let two = WebhookQueued(ids: ["m-1", "m-2"])
        #expect(Screen.queued(two, empty: "none") == "2 deliveries on the way: m-1, m-2")
        #expect(Screen.queued(held, empty: "none").hasPrefix("dead letters wait for ops, disabled"))
    }
}
