/// What a deployment's loop may do: watch and plan; train, gate and wait for a person; or act.
package enum DeploymentMode: String, Codable, CaseIterable, Equatable, Sendable {
    case observe, propose, act
}
