/// OpenFeature's evaluation of every flag.
package struct OFREPBulk: Codable, Equatable, Sendable {
    package var flags: [OFREPEvaluation]

    package init(flags: [OFREPEvaluation]) {
        self.flags = flags
    }
}
