import API
import Foundation
import Locking
import LoopbackServer
import Testing
import Values
import retunectl

@Suite("RetunectlShadow")
struct ShadowCommandTests {
    private static let pairs = [
        ShadowPairRow(
            pair: 1, messages: [PostedMessage(role: "user", content: "Where?")], first: "there\u{1B}[2J", second: "here"
        ),
        ShadowPairRow(pair: 2, messages: [PostedMessage(role: "user", content: "When?")], first: "now", second: "then"),
        ShadowPairRow(pair: 4, messages: [PostedMessage(role: "user", content: "Why?")], first: "so", second: "thus"),
    ]

    private static let view = ShadowView(
        cycle: "c-13", deployment: "support-en", state: .running, incumbent: "support-en-v3",
        candidate: "support-en-v4", started: RetunectlExamples.noon, pairs: 400, answered: 390, alike: 60,
        failed: 10,
        trainedUnits: 1, judgedPairs: 120, judgedUnits: 120, burnInUnits: 50, alpha: 0.05, harmAlpha: 0.2,
        reason: "not yet", next: "120 of 390 answered pairs are judged")

    private static func answer(_ request: Request) -> (status: Int, body: String) {
        func text(_ value: some Encodable) -> String {
            String(decoding: (try? StrictJSON.encodeBytes(value)) ?? [], as: UTF8.self)
        }
        if request.method == "POST" {
            let lines = request.body.split(separator: 0x0A).count
            return (200, #"{"accepted":\#(lines)}"#)
        }
        if request.target.contains("/pairs") { return (200, pairs.map { text($0) + "\n" }.joined()) }
        if request.target.contains("/shadows/") { return (200, text(view)) }
        if request.target.hasSuffix("/cycles") {
            let cycle = CycleView(
                id: "c-13", deployment: "support-en", state: .shadowing, started: RetunectlExamples.noon,
                since: RetunectlExamples.noon, steps: [])
            return (200, text(CycleList(cycles: [cycle])))
        }
        if request.target == "/v1/deployments" {
            return (200, text(DeploymentList(deployments: [RetunectlExamples.deployment])))
        }
        return (200, text(RetunectlExamples.deployment))
    }

    @Test("judge shows one pair after another and sends what is typed, until q")
    func judge() throws {
        let control = try RetunectlProcess(answering: Self.answer)
        defer { control.end() }
        let ending = try control.run(["shadow", "judge", "--as", "anna b"], input: "x\n2\ns\n=\n")
        #expect(ending.status == 0)
        #expect(ending.output.contains("1: there\u{FFFD}[2J") && ending.output.contains("user: Why?"))
        #expect(ending.output.hasSuffix("2 pairs judged, 1 left\n"))
        let requests = control.requests.withLock { $0 }
        #expect(requests.contains { $0.target.hasSuffix("/shadows/c-13/pairs?limit=10000&judge=anna%20b") })
        let posted = try requests.filter { $0.method == "POST" }.map {
            try StrictJSON.decode(PostedJudgement.self, parsing: $0.body)
        }
        #expect(
            posted == [
                PostedJudgement(pair: 1, judge: "anna b", preferred: .second),
                PostedJudgement(pair: 4, judge: "anna b", preferred: .same),
            ])
        #expect(
            try control.run(["shadow", "judge", "--as", "a"], input: "q\n").output.contains("0 pairs judged, 3 left"))
    }

    @Test("After the end there is nothing to judge")
    func over() throws {
        let control = try RetunectlProcess { request in
            guard request.target.contains("/pairs") else { return Self.answer(request) }
            let lines = Self.pairs.map { pair in
                var told = pair
                told.candidate = .first
                return String(decoding: (try? StrictJSON.encodeBytes(told)) ?? [], as: UTF8.self)
            }
            return (200, lines.joined(separator: "\n"))
        }
        defer { control.end() }
        let ending = try control.run(["shadow", "judge", "--as", "anna"])
        #expect(ending.status == 3 && ending.errors.contains("has ended"))
    }

    @Test("pairs and grade are for programs")
    func grade() throws {
        let control = try RetunectlProcess(answering: Self.answer)
        defer { control.end() }
        let pairs = try control.run(["shadow", "pairs", "--judge", "rubric", "--cycle", "c-2", "-d", "d"])
        #expect(pairs.output.split(separator: "\n").count == 3)
        #expect(
            control.requests.withLock { $0.last?.target }
                == "/v1/deployments/d/shadows/c-2/pairs?limit=10000&judge=rubric")
        let file = control.folder + "/grades"
        let lines = (1...5).map { #"{"pair":\#($0),"judge":"rubric","first":1,"second":0}"# }
        try (lines.joined(separator: "\n\n") + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let graded = try control.run(["shadow", "grade", file, "--batch", "2", "--cycle", "c-2", "-d", "d"])
        #expect(graded.status == 0 && graded.output == "5 judgements kept\n")
        #expect(control.requests.withLock { $0.count { $0.method == "POST" } } == 3)
        #expect(try control.run(["shadow", "grade", "/nonexistent", "--cycle", "c-2", "-d", "d"]).status == 7)
        try (lines.prefix(2).joined(separator: "\n") + "\n{pair\n").write(
            toFile: file, atomically: true, encoding: .utf8)
        let broken = try control.run(["shadow", "grade", file, "--batch", "2", "--cycle", "c-2", "-d", "d"])
        #expect(broken.status == 7)
        #expect(
            broken.errors.contains(
                "line 3 is no JSON; so far 2 judgements kept, the batch from line 3 on is not"))
    }

    @Test("status for people")
    func status() {
        let view = Self.view
        #expect(
            Screen.shadow(view) == """
                Shadow replay of c-13, support-en: support-en-v4 against support-en-v3, since 2026-05-01 12:00:00 UTC

                answered  390 of 400 pairs, 60 of them the same, which need no judge, 10 given up
                judged    120 pairs of 120 units (nothing is decided before 50)
                mean      shown when it has ended: judges could learn from it whose answer is whose
                note      1 unit had rows in the candidate's training; too few others have asked
                next      120 of 390 answered pairs are judged
                """)
    }
}
