import FineTuning
import Foundation
import Tensors
import Testing
import Transformer

@Suite("TenPromotions: ten adapters in a row on top of each other")
struct TenPromotions {
    /// Selections change from promotion to promotion, so that factors pile up and have to be cut; each training sees
    /// its own new rule and the old rows again, as the daemon's replay does.
    @Test func `rank, old rows and loading are kept`() throws {
        let model = try TinyModel.make()
        let maximumRank = 8
        let old = TinyModel.rows(96, shift: 0, seed: 100)
        let folder = FileManager.default.temporaryDirectory.appending(path: "ten-promotions-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let oldBefore = TinyModel.loss(old, model, nil)
        var incumbent: LowRankAdapter?
        var lineage: AdapterLineage?
        var continued = 0
        var firstLoss = 0.0
        var residuals: [Double] = []
        for promotion in 0..<10 {
            // Every third promotion repeats the selection before it.
            let choice = promotion - (promotion % 3 == 2 ? 1 : 0)
            let modules = [
                TunedModule(path: ModulePath(layer: choice % 2, projection: .down), rank: 3),
                TunedModule(path: ModulePath(layer: 1, projection: .up), rank: 3),
                TunedModule(path: ModulePath(layer: 0, projection: choice % 2 == 0 ? .query : .output), rank: 2),
            ]
            let rows = TinyModel.rows(48, shift: 3 * promotion, seed: UInt64(promotion)).filter { $0.prompt[1] > 16 }
            let run = try TinyModel.train(
                model, modules: modules, incumbent: incumbent, lineage: lineage, rows: rows + old,
                heldout: TinyModel.rows(32, shift: 0, seed: 55),
                settings: TinyModel.settings(epochs: 3, maximumRank: maximumRank, seed: UInt64(promotion)))
            let candidate = run.candidate()
            #expect(candidate.adapter.maximumRank <= maximumRank)
            if run.continuesIncumbent { continued += 1 }
            residuals.append(candidate.residual)
            // What serves is what was written and read back.
            let place = folder.appending(path: "v\(promotion)").path()
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            try AdapterFile.write(
                candidate.adapter, configuration: model.configuration, baseName: "base", folder: place)
            let loaded = try AdapterFile.read(folder: place, configuration: model.configuration).withoutPadding()
            #expect(
                abs(TinyModel.loss(old, model, loaded) - TinyModel.loss(old, model, candidate.adapter)) < 1e-4,
                "float32 sums in another order")
            incumbent = loaded
            lineage = candidate.lineage
            if promotion == 0 { firstLoss = TinyModel.loss(old, model, loaded) }
        }
        let last = TinyModel.loss(old, model, incumbent)
        #expect(firstLoss < oldBefore - 0.5, "the first adapter learns the old rows: \(oldBefore) to \(firstLoss)")
        #expect(last < firstLoss + 0.1, "old rows after ten promotions: \(firstLoss) to \(last)")
        #expect(continued >= 1, "a repeated selection continues its factors")
        #expect(residuals.contains { $0 > 0 }, "the ranks were cut at least once")
    }
}
