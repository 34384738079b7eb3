import API
import Experimentation
import Foundation
import LoopbackServer
import Testing
import Values
import retunectl

@Suite("ExperimentReplay: a dossier decides again as the daemon did")
struct ExperimentReplayTests {
    /// A dossier's file, removed with the value's last use.
    private final class File {
        let path = "/tmp/dossier-\(UUID().uuidString).jsonl"

        init(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static func text(_ played: PlayedExperiment) throws -> String {
        var lines: [JSONValue] = [["format": "retuned-experiment-1", "experiment": played.view]]
        lines += played.assignments.map { ["assignment": $0] }
        lines += played.difficulties.map { ["difficulty": $0] }
        lines += played.newcomers.map { ["newcomer": $0] }
        lines += played.ratings.map { ["rating": $0] }
        lines += played.requests.map { ["request": $0] }
        return try lines.map { String(decoding: try StrictJSON.encodeBytes($0), as: UTF8.self) + "\n" }.joined()
    }

    private static func replay(_ played: PlayedExperiment) throws -> ReplayView {
        let file = try File(try text(played))
        return try withExtendedLifetime(file) {
            var replay = ExperimentReplay(try ExperimentDossier(path: file.path))
            return replay.run()
        }
    }

    @Test("Every end comes out again, look by look")
    func agrees() throws {
        let cases = try PlayedExperiment.everyEnd()
        for (end, played) in cases {
            let view = try Self.replay(played)
            #expect(view.agrees, "\(end): \(String(describing: view.firstDifference))")
            #expect(view.looks == 20)
            #expect(view.recorded == end.rawValue)
            #expect(view.replayed == end.rawValue)
        }
    }

    @Test("Whatever the scale", arguments: PlayedExperiment.PlayedScale.others)
    func scales(_ scale: PlayedExperiment.PlayedScale) throws {
        let view = try Self.replay(try PlayedExperiment.play(good: (0.5, 0.85), scale: scale))
        #expect(view.agrees, "\(String(describing: view.firstDifference))")
    }

    @Test(
        "Each figure that was moved is found",
        arguments: PlayedExperiment.figures)
    func finds(name: String) throws {
        // Whole numbers stay whole: what counts units and steps is moved by one.
        let isCount = ["step", "units", "rated", "harmPairs"].contains(name)
        let view = try Self.replay(try PlayedExperiment.play(changed: (name, isCount ? 1 : -0.001)))
        #expect(view.agreeing < view.looks, "\(name)")
        #expect(view.firstDifference != nil)
        #expect(!view.agrees)
    }

    @Test("Whether the difficulty was taken in is held against the look")
    func difficulty() throws {
        let view = try Self.replay(try PlayedExperiment.play(asksDifficulty: true, changed: ("difficulty", 1)))
        #expect(!view.agrees)
        #expect(view.firstDifference?.what == ["the difficulty of first queries was not taken in"])
    }

    @Test("A decision on record that no look took is told; that an operator ended it is none")
    func ended() throws {
        var played = try PlayedExperiment.play(good: (0.6, 0.6), cap: 2)
        guard case .object(var view) = played.view else { return }
        view["decision"] = "promote"
        played.view = .object(view)
        #expect(try !Self.replay(played).agrees)
        view["decision"] = "stopped"
        view["looks"] = .array(Array(view["looks"]?.arrayValue?.prefix(2) ?? []))
        played.view = .object(view)
        // Rows that a look has seen which is not there: somebody took looks out.
        let shortened = try Self.replay(played)
        #expect(!shortened.agrees && shortened.missing == 18)
        func seen(_ rows: [JSONValue]) -> [JSONValue] { rows.filter { ($0["look"]?.intValue ?? 0) < 2 } }
        played.assignments = seen(played.assignments)
        played.ratings = seen(played.ratings)
        played.requests = seen(played.requests)
        let replayed = try Self.replay(played)
        #expect(replayed.agrees)
        #expect(replayed.looks == 2)
        #expect(replayed.replayed == nil)
    }

    @Test(
        "A head that no experiment has is refused and said",
        arguments: [
            ("ramp", []), ("ramp", [["exposure": 0]]), ("alpha", 0), ("harmAlpha", 1), ("tuning", 0),
            ("started", "2100-01-01T00:00:00Z"), ("requestsPerUnitPerDay", 0),
        ] as [(String, JSONValue)])
    func damagedHead(_ change: (name: String, value: JSONValue)) throws {
        var played = try PlayedExperiment.play()
        guard case .object(var view) = played.view else { return }
        if case .object(var design) = view["design"], change.name == "requestsPerUnitPerDay" {
            design[change.name] = change.value
            view["design"] = .object(design)
        } else {
            view[change.name] = change.value
        }
        played.view = .object(view)
        let error = #expect(throws: ControlFailure.self) { _ = try Self.replay(played) }
        #expect(error?.exit == .badFile && error?.description.contains("line 1: ") == true)
    }

    @Test("Units that an erasure took are counted")
    func erased() throws {
        var played = try PlayedExperiment.play()
        played.assignments.removeFirst(7)
        let view = try Self.replay(played)
        #expect(view.gone == 7)
        #expect(!view.agrees)
        // In its midst: the looks after it count fewer.
        guard case .object(var head) = played.view, var looks = head["looks"]?.arrayValue,
            case .object(var last) = looks[looks.count - 1], let units = last["units"]?.intValue
        else {
            Issue.record("it has no looks")
            return
        }
        last["units"] = .integer(Int64(units - 7))
        looks[looks.count - 1] = .object(last)
        head["looks"] = .array(looks)
        played.view = .object(head)
        let later = try Self.replay(played)
        #expect(later.gone == 7 && later.summary == nil)
    }

    @Test("The command: 0 where all comes out, 7 where not or where the file is none, each with a sentence")
    func command() throws {
        func run(_ text: String, _ arguments: [String] = []) throws -> RetunectlProcess.Ending {
            let file = try File(text)
            return try withExtendedLifetime(file) {
                try RetunectlProcess.run(["ab", "replay", file.path] + arguments, environment: [:])
            }
        }
        let sound = try Self.text(try PlayedExperiment.play(good: (0.5, 0.85)))
        let people = try run(sound)
        #expect(people.status == 0, "\(people.errors)")
        #expect(people.output.contains("20 of 20 looks come out as recorded"))
        #expect(people.output.contains("comes out  promote"))
        // What it says does not fit on a full disk, and that is said.
        let file = try File(sound)
        let full = try withExtendedLifetime(file) {
            try RetunectlProcess.run(
                ["ab", "replay", file.path], environment: [:], into: FileHandle(forWritingAtPath: "/dev/full"))
        }
        #expect(full.status == 7 && full.errors == "retunectl: standard output: No space left on device\n")
        let program = try StrictJSON.decode(ReplayView.self, parsing: Array(try run(sound, ["--json"]).output.utf8))
        #expect(program.agrees)

        let moved = try run(try Self.text(try PlayedExperiment.play(changed: ("lower", 0.01))))
        #expect(moved.status == 7)
        #expect(moved.output.contains("lower end was"))
        for (text, sentence) in [
            ("", "is empty"), ("{}\n", "line 1: no dossier"), ("not json\n", "line 1:"),
            (#"{"format":"retuned-experiment-9"}"# + "\n", "line 1: no dossier"),
            (sound + "{}\n", "neither an assignment nor a newcomer nor a difficulty nor a rating nor a request"),
            (sound.replacing("retuned-experiment-1", with: "retuned-experiment-9"), "has the format"),
        ] {
            let refused = try run(text)
            #expect(refused.status == 7, "\(text.prefix(40))")
            #expect(refused.errors.contains(sentence), "\(refused.errors)")
        }
        let absent = try RetunectlProcess.run(["ab", "replay", "/nonexistent/file"], environment: [:])
        #expect(absent.status == 7)
    }

    @Test("Exported over the daemon's routes, page by page, an experiment replays")
    func export() throws {
        let played = try PlayedExperiment.play(good: (0.5, 0.85), haveBurst: true, asksDifficulty: true)
        let pages = [
            "assignments": played.assignments, "difficulties": played.difficulties, "newcomers": played.newcomers,
            "ratings": played.ratings, "requests": played.requests,
        ]
        let view = try StrictJSON.encodeBytes(played.view)
        let server = try LoopbackServer { connection in
            while let request = connection.readRequest() {
                guard let (path, after) = request.target.firstMatch(of: /^.*\/(\w+)\?after=(\d+)/).map({ ($0.1, $0.2) })
                else {
                    let isIt = request.target == "/v1/deployments/support/experiments/support-e-1"
                    connection.respond(status: isIt ? 200 : 404, body: view)
                    continue
                }
                let place = Int(after) ?? 0
                let rows = pages[String(path)]?.dropFirst(place).prefix(1000) ?? []
                connection.respond(
                    status: 200, headers: rows.count == 1000 ? ["retuned-next": "\(place + 1000)"] : [:],
                    body: rows.flatMap { ((try? StrictJSON.encodeBytes($0)) ?? []) + [0x0A] })
            }
        }
        defer { server.close() }
        let exported = try RetunectlProcess.run(
            ["ab", "export", "support-e-1", "-d", "support", "--url", server.url], environment: [:])
        #expect(exported.status == 0, "\(exported.errors)")
        #expect(exported.output.split(separator: "\n").count == 1 + pages.values.reduce(0) { $0 + $1.count })
        let file = try File(exported.output)
        let replayed = try RetunectlProcess.run(["ab", "replay", file.path], environment: [:])
        #expect(replayed.status == 0, "\(replayed.output)\(replayed.errors)")
        withExtendedLifetime(file) {}
    }
}
