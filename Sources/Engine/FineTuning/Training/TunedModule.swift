package import Transformer

/// How a training may change one linear map: by new low-rank factors, by whole rows, by whole columns, or all together.
///
/// A change of some rows or columns *is* a low-rank change with one-hot factors, so that everything is trained, kept and
/// served as one pair of factors of rank `rank + rows + columns`.
package struct TunedModule: Equatable, Sendable {
    package var path: ModulePath
    package var rank: Int
    /// Output rows of the weight `[out, in]`.
    package var rows: [Int]
    /// Input columns of the weight.
    package var columns: [Int]

    package init(path: ModulePath, rank: Int, rows: [Int] = [], columns: [Int] = []) {
        self.path = path
        self.rank = rank
        self.rows = rows
        self.columns = columns
    }

    /// Rank of the factors that hold the change.
    package var totalRank: Int { rank + rows.count + columns.count }

    /// Numbers that are trained, for a map of this shape.
    package func parameterCount(outputs: Int, inputs: Int) -> Int {
        rank * (outputs + inputs) + rows.count * inputs + columns.count * outputs
    }
}

/// A selection that cannot be trained on this model, in a sentence.
package struct SelectionError: Error, CustomStringConvertible, Sendable, Equatable {
    package var description: String

    package init(_ description: String) { self.description = description }
}
