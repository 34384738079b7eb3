import API
import ArgumentParser
import Values

struct DataEraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Forget a person, and say which adapters saw them. There is no way back.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions
    @Argument(help: "The unit, as applications name it.")
    var unit: String
    @Flag(help: "Yes, erase.")
    var yes = false

    func run() async throws {
        guard yes else {
            throw ControlFailure(
                .usage, "this erases everything that is kept about '\(unit)', for good; add --yes if it is meant")
        }
        let client = try connection.client()
        let path = try await choice.path(client)
        let body = try StrictJSON.encodeBytes(EraseRequest(unit: unit))
        let answer = try await client.send("DELETE", "\(path)/units", body: body)
        try connection.show(EraseResult.self, answer, render: Screen.erased)
    }
}
