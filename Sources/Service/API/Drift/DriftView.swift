/// What the detectors see.
package struct DriftView: Codable, Equatable, Sendable {
    package var deployment: String
    package var detectors: [DetectorView]
    /// The budget, as it is configured.
    package var falseAlarms: String
    /// Of the episode that goes on.
    package var alarm: AlarmView?
    package var earlier: [AlarmView]

    package init(
        deployment: String, detectors: [DetectorView], falseAlarms: String, alarm: AlarmView? = nil,
        earlier: [AlarmView]
    ) {
        self.deployment = deployment
        self.detectors = detectors
        self.falseAlarms = falseAlarms
        self.alarm = alarm
        self.earlier = earlier
    }
}
