import API
import ArgumentParser
import Values

/// Asks for an action.
struct ActionOptions: ParsableArguments {
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions
    @Option(help: "Why; it is kept in the dossier.")
    var reason = "no reason given"
    @Option(help: "The request's id: the same id again is carried out once. By default a new one.")
    var id: String?

    /// - Parameter ofCycle: fill in the cycle under way where none is named, so that a cycle that has moved on meanwhile
    ///   is refused and not hit by mistake.
    func perform(
        _ action: OperatorAction, cycle: String? = nil, adapter: String? = nil, terms: TermsView? = nil,
        step: Int? = nil,
        ofCycle: Bool = false
    ) async throws {
        let client = try connection.client()
        let path = try await choice.path(client)
        var request = ActionRequest(
            id: id ?? "ctl-" + String(UInt64.random(in: 0 ... .max), radix: 36), action: action, cycle: cycle,
            adapter: adapter, terms: terms, step: step, reason: reason)
        if ofCycle, cycle == nil {
            let current = try await client.decoded(DeploymentView.self, path).cycle
            guard let identifier = current?.id else {
                throw ControlFailure(.notFound, "no cycle is under way" + (current?.next.map { ": \($0)" } ?? ""))
            }
            request.cycle = identifier
        }
        let body = try StrictJSON.encodeBytes(request)
        let answer = try await client.send("POST", "\(path)/actions", body: body)
        try connection.show(ActionResult.self, answer) { result in
            "\(Screen.words(action)) is accepted; the loop is \(Screen.words(result.state))."
        }
    }
}
