package import FeedbackLoop
package import Serving
import Settings

/// A deployment as the routes see it.
package struct ServedDeployment: Sendable {
    package var loop: DeploymentLoop
    /// Where its serving back end listens.
    package var address: ServingAddress
    package var name: String { loop.name }
    var settings: DeploymentSettings { loop.context.deployment }

    package init(loop: DeploymentLoop, address: ServingAddress) {
        self.loop = loop
        self.address = address
    }
}
