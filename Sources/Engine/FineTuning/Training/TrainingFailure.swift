/// No learning rate gave finite numbers.
package struct TrainingFailure: Error, CustomStringConvertible, Sendable {
    package var rates: [Double]

    package var description: String {
        "The training diverged at every learning rate (\(rates.map { "\($0)" }.joined(separator: ", "))); "
            + "try smaller rates, and look for rows that are not what they should be."
    }
}
