/// Why a command failed: a sentence for the person, a status for the script.
package struct ControlFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package var exit: ControlExit
    package var description: String

    package init(_ exit: ControlExit, _ description: String) {
        self.exit = exit
        self.description = description
    }
}
