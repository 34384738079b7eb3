import FineTuning
import ImpactMaps
import Tensors
import Testing
import Transformer

@Suite("SelectionExactness: what changes is the selection, exactly")
struct SelectionExactness {
    let model: Model

    init() throws { model = try TinyModel.make() }

    func path(_ name: String) throws -> ModulePath { try #require(ModulePath(name)) }

    /// ΔW(candidate) − ΔW(incumbent) of every module where it is not zero.
    func difference(_ candidate: LowRankAdapter, _ incumbent: LowRankAdapter?) -> [ModulePath: [[Double]]] {
        let old = incumbent?.changes ?? [:]
        let new = candidate.changes
        var result: [ModulePath: [[Double]]] = [:]
        for path in Set(old.keys).union(new.keys) {
            let shape = model.configuration.shape(of: path.projection)
            let zero = [[Double]](repeating: [Double](repeating: 0, count: shape.inputs), count: shape.outputs)
            let change = zip(new[path] ?? zero, old[path] ?? zero).map { zip($0, $1).map(-) }
            if change.contains(where: { $0.contains { $0 != 0 } }) { result[path] = change }
        }
        return result
    }

    /// A map of the tiny model in which layer 1's modules matter most, and the inverted selection made from it.
    func selection() throws -> [TunedModule] {
        let map = try ImpactMap(
            modules: model.configuration.modules.map { path in
                let shape = model.configuration.shape(of: path.projection)
                let score =
                    Double((path.layer + 1) * (shape.outputs + shape.inputs)) * (path.projection == .key ? 0.5 : 1)
                return ImpactMap.Module(
                    name: path.description, folds: [score, score], cost: shape.outputs + shape.inputs)
            })
        let budget = SelectionBudget(parameters: 700, maximumRank: 8, defaultRank: 2)
        return try map.invertedSelection(under: budget).map { try TunedModule(path: path($0.name), rank: $0.rank) }
    }

    @Test func `an inverted map trains the inverted selection and nothing else, without an incumbent`() throws {
        let modules = try selection()
        #expect(modules.allSatisfy { $0.path.layer == 0 } && modules.count >= 2)
        let run = try TinyModel.train(model, modules: modules, rows: TinyModel.rows(96, shift: 0, seed: 1))
        let changed = difference(run.candidate().adapter, nil)
        #expect(Set(changed.keys) == Set(modules.map(\.path)))
    }

    @Test func `the same on top of a frozen incumbent with another selection`() throws {
        let first = try TinyModel.train(
            model, modules: [try TunedModule(path: path("layers.1.mlp.up_proj"), rank: 3)],
            rows: TinyModel.rows(96, shift: 0, seed: 1))
        let incumbent = first.candidate()
        let modules = try selection() + [TunedModule(path: path("layers.1.mlp.up_proj"), rank: 2)]
        let run = try TinyModel.train(
            model, modules: modules, incumbent: incumbent.adapter, lineage: incumbent.lineage,
            rows: TinyModel.rows(96, shift: 5, seed: 2))
        #expect(!run.continuesIncumbent)
        let candidate = run.candidate()
        #expect(candidate.residual == 0)
        let changed = difference(candidate.adapter, incumbent.adapter)
        #expect(Set(changed.keys) == Set(modules.map(\.path)))
        // The incumbent's factors stand in the candidate as they were.
        let shared = try #require(candidate.adapter.modules[path("layers.1.mlp.up_proj")])
        let old = try #require(incumbent.adapter.modules[path("layers.1.mlp.up_proj")])
        #expect(shared.rank == 5)
        #expect(shared.a.rows(0..<3).values == old.a.values)
        #expect(shared.b.columns(0..<3).values == old.b.values)
    }

    @Test func `the same selection continues the incumbent's factors at the same rank`() throws {
        let modules = try selection()
        let incumbent = try TinyModel.train(
            model, modules: modules, rows: TinyModel.rows(96, shift: 0, seed: 1)
        ).candidate()
        let run = try TinyModel.train(
            model, modules: modules, incumbent: incumbent.adapter.withoutPadding(), lineage: incumbent.lineage,
            rows: TinyModel.rows(96, shift: 5, seed: 2))
        #expect(run.continuesIncumbent)
        let candidate = run.candidate().adapter
        #expect(candidate.maximumRank == incumbent.adapter.maximumRank)
        #expect(Set(difference(candidate, incumbent.adapter).keys) == Set(modules.map(\.path)))
    }

    @Test func `rows and columns change just these rows and columns`() throws {
        let module = try TunedModule(path: path("layers.0.mlp.down_proj"), rank: 0, rows: [3, 17], columns: [5])
        let run = try TinyModel.train(model, modules: [module], rows: TinyModel.rows(96, shift: 0, seed: 1))
        let change = try #require(run.candidate().adapter.modules[module.path]).change
        for (row, values) in change.enumerated() {
            for (column, value) in values.enumerated() {
                let isInside = module.rows.contains(row) || column == 5
                #expect(isInside || value == 0)
            }
        }
        #expect(change[3].contains { $0 != 0 } && change[17].contains { $0 != 0 })
        #expect(change.contains { $0[5] != 0 })
        #expect(run.trainedParameters == 2 * 48 + 32)
    }

    @Test func `a selection that does not fit is refused in a sentence`() throws {
        let up = try path("layers.0.mlp.up_proj")
        func plan(_ modules: [TunedModule], budget: Int = 10_000) throws {
            _ = try CandidatePlan(
                modules: modules, incumbent: nil, lineage: nil, configuration: model.configuration,
                parameterBudget: budget, maximumRank: 8, seed: 1)
        }
        #expect(throws: SelectionError.self) { try plan([]) }
        #expect(throws: SelectionError.self) { try plan([TunedModule(path: up, rank: 9)]) }
        #expect(throws: SelectionError.self) { try plan([TunedModule(path: up, rank: 2)], budget: 100) }
        #expect(throws: SelectionError.self) { try plan([TunedModule(path: up, rank: 0, rows: [48])]) }
        #expect(throws: SelectionError.self) {
            try plan([TunedModule(path: up, rank: 1), TunedModule(path: up, rank: 1)])
        }
        #expect(throws: SelectionError.self) {
            try plan([TunedModule(path: ModulePath(layer: 2, projection: .up), rank: 1)])
        }
    }
}
