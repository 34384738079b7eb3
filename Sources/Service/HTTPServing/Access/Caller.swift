import API

/// Who asks, and what they may.
struct Caller: Sendable {
    /// `unix:0`, `token:ci` or `nobody`, for the record.
    var actor: String
    var scopes: Set<Scope>
    /// The one deployment that the caller may see; nil: all.
    var deployment: String?

    static let nobody = Caller(actor: "nobody", scopes: [])

    func may(see deployment: String) -> Bool { self.deployment.map { $0 == deployment } ?? true }

    /// Throws a 403 where the caller's token is for another deployment.
    func check(_ deployment: String) throws(ListenerProblem) {
        guard !may(see: deployment) else { return }
        throw AccessProblem.otherDeployment(deployment)
    }
}
