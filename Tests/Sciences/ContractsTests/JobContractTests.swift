import Contracts
import Testing
import Values

@Suite("Contracts: the job folder")
struct JobContractTests {
    @Test func `the example of the format reads and is written back the same`() throws {
        let text = """
            {"v":1,"id":"j-41","kind":"train","base":"base","baseDigest":"sha256:00","incumbent":"incumbent",\
            "template":"chatml","seed":7,"limits":{"cpuSeconds":600,"memoryBytes":2000000000,"threads":1},\
            "train":{"selection":{"modules":[{"name":"layers.6.mlp.down_proj","rank":8,"rows":[1],"columns":[2],\
            "entries":[[1,2]]}]},"parameterBudget":200000,"maximumRank":16,"objective":"both",\
            "kto":{"beta":0.1,"desirableWeight":1,"undesirableWeight":1},"epochs":3,\
            "learningRates":[0.001,0.003],"batchTokens":1024}}
            """
        let job = try StrictJSON.decode(JobDescription.self, parsing: Array(text.utf8))
        #expect(job.kind == .train)
        #expect(job.train?.selection.modules.first?.entries == [[1, 2]])
        #expect(String(decoding: try StrictJSON.encodeBytes(job), as: UTF8.self) == text)
    }

    @Test(arguments: [
        (#"{"v":1,"id":"a","kind":"dance"}"#, "kind"),
        (
            #"{"v":1,"id":"a","kind":"impact","base":"b","baseDigest":"","template":"t","seed":1,"#
                + #""limits":{"cpuSeconds":1,"memoryBytes":1,"threads":1,"gpus":1}}"#, "limits.gpus"
        ),
        (
            #"{"v":1,"id":"a","kind":"impact","base":"b","baseDigest":"","template":"t","seed":-1,"#
                + #""limits":{"cpuSeconds":1,"memoryBytes":1,"threads":1}}"#, "seed"
        ),
    ])
    func `errors name the field`(text: String, path: String) {
        #expect {
            try StrictJSON.decode(JobDescription.self, parsing: Array(text.utf8))
        } throws: { "\($0)".contains(path) }
    }

    @Test func `an example row, an answer, a probe and reports go there and back`() throws {
        func trip<Value: Codable & Equatable>(_ value: Value) throws {
            #expect(try StrictJSON.decode(Value.self, parsing: StrictJSON.encodeBytes(value)) == value)
        }
        try trip(
            TrainingExample(
                record: "sha256:1", unit: "u", messages: [.init(role: "user", content: "Où ?")], answer: "là",
                weight: 1.5, desirable: false, redacted: [[0, 1]]))
        try trip(
            EvaluatedAnswer(
                record: "sha256:1", set: .old, arm: .candidate, logLikelihood: -1.25, tokens: 3, answer: "x",
                exact: true))
        try trip(AdapterProbe(messages: [.init(role: "user", content: "q")], answer: "a", logProbabilities: [-0.5]))
        try trip(JobEstimate(cpuSeconds: 3.5, memoryBytes: 12, refused: "too much"))
        try trip(JobResult(status: .done, cpuSeconds: 1, peakMemoryBytes: 2, metrics: ["steps": 3]))
        try trip(
            ImpactReport(
                modules: [.init(name: "m", score: 1, standardError: 0.1, folds: [1, 1.5], cost: 4)], units: 2,
                messages: 3, method: "gradientMagnitude"))
    }
}
