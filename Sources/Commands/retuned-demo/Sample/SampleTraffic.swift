/// The project's own sample.
enum SampleTraffic {
    static let referenceDomains = ["desk"]
    static let shiftDomains = ["travel", "loyalty"]

    static func messages(_ domain: String, _ split: TrafficSource.Split) throws -> [TrafficMessage] {
        throw DemoFailure("there is no sample yet")
    }
}
