/// Answer of `GET /v1/deployments`.
package struct DeploymentList: Codable, Equatable, Sendable {
    package var deployments: [DeploymentView]

    package init(deployments: [DeploymentView]) {
        self.deployments = deployments
    }
}
