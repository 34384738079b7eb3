import FineTuning
import Tensors
import Testing
import Transformer

@Suite("Training: schedule, state and objectives")
struct TrainingRunTests {
    let model: Model

    init() throws { model = try TinyModel.make() }
    let modules = [
        TunedModule(path: ModulePath(layer: 0, projection: .down), rank: 2),
        TunedModule(path: ModulePath(layer: 1, projection: .up), rank: 2, rows: [4]),
    ]

    func bytes(_ adapter: LowRankAdapter) -> [Float] { adapter.parameters.flatMap(\.values) }

    @Test func `the loss falls, the best epoch is kept, and trials cost one epoch a rate`() throws {
        let run = try TinyModel.train(
            model, modules: modules, rows: TinyModel.rows(128, shift: 0, seed: 1),
            heldout: TinyModel.rows(48, shift: 0, seed: 2),
            settings: TinyModel.settings(epochs: 3, rates: [1e-5, 1e-2]))
        #expect(run.chosenRate == 1e-2)
        #expect(run.epochLosses.count == 3)
        #expect(run.heldoutLossAfter < run.heldoutLossBefore - 0.3)
        let best = try #require(run.epochLosses.min())
        #expect(abs(run.heldoutLossAfter - best) < 1e-5)
        #expect(run.steps == run.totalSteps)
    }

    @Test func `a rate that diverges drops out, and all of them fail the training`() throws {
        let rows = TinyModel.rows(64, shift: 0, seed: 1)
        let run = try TinyModel.train(
            model, modules: modules, rows: rows, heldout: rows, settings: TinyModel.settings(rates: [1e30, 5e-3]))
        #expect(run.chosenRate == 5e-3)
        #expect(run.divergedRates == [1e30])
        #expect(throws: TrainingFailure.self) {
            try TinyModel.train(
                model, modules: modules, rows: rows, heldout: rows, settings: TinyModel.settings(rates: [1e30]))
        }
    }

    @Test(arguments: [TrainingSettings.Objective.supervised, .kto, .both])
    func `taken up from its state at any piece of work a training ends in the same bytes`(
        objective: TrainingSettings.Objective
    ) throws {
        var rows = TinyModel.rows(48, shift: 0, seed: 1)
        if objective != .supervised { for index in rows.indices where index % 3 == 0 { rows[index].desirable = false } }
        let settings = TinyModel.settings(rates: [2e-3, 8e-3], objective: objective)
        let heldout = TinyModel.rows(16, shift: 0, seed: 2)
        func make() throws -> TrainingRun {
            try TinyModel.makeRun(model, modules: modules, rows: rows, heldout: heldout, settings: settings)
        }
        let whole = try make()
        while !whole.isFinished { _ = try whole.advance {} }
        // A new object for every piece of work, each made from the state that the one before left.
        var state = try make().state
        while true {
            let run = try make()
            try run.restore(state)
            if run.isFinished {
                #expect(bytes(run.candidate().adapter) == bytes(whole.candidate().adapter))
                #expect(run.heldoutLossAfter == whole.heldoutLossAfter)
                #expect(run.state == whole.state)
                break
            }
            _ = try run.advance {}
            state = run.state
        }
    }

    @Test func `an interruption inside a step leaves the state before it`() throws {
        struct Stop: Error {}
        let rows = TinyModel.rows(64, shift: 0, seed: 1)
        let run = try TinyModel.makeRun(model, modules: modules, rows: rows)
        while run.steps < 2 { _ = try run.advance {} }
        let before = run.state
        var passes = 0
        #expect(throws: Stop.self) {
            try run.advance {
                passes += 1
                if passes == 2 { throw Stop() }
            }
        }
        #expect(run.state == before)
    }

    @Test func `a damaged state is refused`() throws {
        let run = try TinyModel.makeRun(model, modules: modules, rows: TinyModel.rows(16, shift: 0, seed: 1))
        let state = run.state
        #expect(throws: StateError.self) { try run.restore(Array(state.dropLast(9))) }
        #expect(throws: StateError.self) { try run.restore([1, 2, 3]) }
    }

    @Test func `preferences make desirable answers likelier than undesirable ones`() throws {
        // The same prompts with two rival answers: one wanted, one not.
        var rows: [TrainingRow] = []
        for row in TinyModel.rows(64, shift: 0, seed: 1) {
            rows.append(row)
            var other = row
            other.answer[0] = row.answer[0] == 55 ? 8 : row.answer[0] + 1
            other.desirable = false
            rows.append(other)
        }
        let wanted = rows.filter(\.desirable)
        let unwanted = rows.filter { !$0.desirable }
        func margin(_ adapter: LowRankAdapter?) -> Double {
            TinyModel.loss(unwanted, model, adapter) - TinyModel.loss(wanted, model, adapter)
        }
        let run = try TinyModel.train(
            model, modules: modules, rows: rows, settings: TinyModel.settings(epochs: 4, rates: [1e-2], objective: .kto)
        )
        #expect(margin(run.candidate().adapter) > margin(nil) + 0.5)
    }

    @Test func `the slope of a preference is its derivative`() {
        let kto = KahnemanTversky(beta: 0.3, desirableWeight: 1.5, undesirableWeight: 0.7)
        for desirable in [true, false] {
            for reward in [-4.0, -0.5, 0, 1.5] {
                // Central difference: error of order step² · β³, below 1e-9.
                let step = 1e-4
                let numeric =
                    (kto.loss(reward: reward + step, referencePoint: 0.4, desirable: desirable)
                        - kto.loss(reward: reward - step, referencePoint: 0.4, desirable: desirable)) / (2 * step)
                let slope = kto.slope(reward: reward, referencePoint: 0.4, desirable: desirable)
                #expect(abs(numeric - slope) < 1e-8)
            }
        }
        #expect(KahnemanTversky.referencePoint([-3, 1]) == 0)
        #expect(KahnemanTversky.referencePoint([3, 1]) == 2)
    }
}
