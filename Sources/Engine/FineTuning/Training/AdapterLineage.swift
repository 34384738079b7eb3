/// `retuned.json` beside an adapter: which of its factors its last training made, so that a later training with the
/// same selection can continue just these. Servers do not read it.
package struct AdapterLineage: Codable, Equatable, Sendable {
    /// What the last training made of one module: factors of `rank`, then one-hot ones for `rows` (of the output) and
    /// `columns` (of the input), side by side from `start` to the module's last.
    package struct Part: Codable, Equatable, Sendable {
        package var module: String
        /// First of the part's ranks among the module's factors.
        package var start: Int
        package var rank: Int
        package var rows: [Int]
        package var columns: [Int]

        package init(module: String, start: Int, rank: Int, rows: [Int], columns: [Int]) {
            self.module = module
            self.start = start
            self.rank = rank
            self.rows = rows
            self.columns = columns
        }

        var totalRank: Int { rank + rows.count + columns.count }
    }

    package static let fileName = "retuned.json"

    package var v: Int
    /// What the last training made; empty where a truncation has mixed it with what was there before.
    package var trained: [Part]

    package init(trained: [Part]) {
        self.v = 1
        self.trained = trained
    }
}
