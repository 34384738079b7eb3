/// Why a credential holds no usable keys. It never holds anything of the credential but line numbers and identifiers.
package struct PseudonymKeyError: Error, CustomStringConvertible, Equatable, Sendable {
    package var reason: String

    package init(reason: String) {
        self.reason = reason
    }

    package var description: String { "The pseudonym key credential cannot be used: \(reason)." }
}
