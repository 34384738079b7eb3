import Foundation
import Settings
import Testing

@Suite("DemoConfiguration: one file for every scenario, and the defaults but for what a demonstration needs")
struct DemoConfigurationTests {
    @Test func differsFromTheDefaultsOnlyInModeTimeScaleAndFalseAlarms() throws {
        let text = try String(contentsOfFile: "config/demo.yaml", encoding: .utf8)
        var demonstration = try Settings(yaml: text)
        var defaults = Settings()
        #expect(demonstration.deployments.count == 1)
        #expect(demonstration.deployments.first?.mode == .act)
        #expect(demonstration.timeScale > 1)
        var deployment = DeploymentSettings()
        deployment.name = demonstration.deployments[0].name
        defaults.deployments = [deployment]
        demonstration.timeScale = defaults.timeScale
        demonstration.deployments[0].mode = deployment.mode
        demonstration.deployments[0].drift.falseAlarms = deployment.drift.falseAlarms
        #expect(demonstration == defaults)
    }
}
