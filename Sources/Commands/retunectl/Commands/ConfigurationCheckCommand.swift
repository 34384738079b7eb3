import ArgumentParser
import FoundationEssentials
import Settings
import Values

struct ConfigurationCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say whether the daemon would take a configuration file, and if not, why.",
        discussion: "The environment variables that stand over the file count, as they do for the daemon.")

    @Argument(help: "The file.")
    var file: String
    @Flag(help: "Answer in JSON.")
    var json = false

    func run() async throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ControlFailure(.badFile, "\(file) cannot be read")
        }
        do throws(SettingsError) {
            let settings = try Settings(
                yaml: String(decoding: data, as: UTF8.self), environment: ProcessInfo.processInfo.environment)
            Output.write(json ? #"{"valid":true}"# : Screen.validSettings(settings, file: file))
        } catch {
            if json {
                let answer = JSONValue.object(
                    JSONObject([
                        .init(name: "valid", value: .bool(false)), .init(name: "path", value: .string(error.path)),
                        .init(name: "reason", value: .string(error.reason)),
                    ]))
                Output.write(answer.serialized)
                throw ControlFailure(.badFile, "\(file) is not valid")
            }
            throw ControlFailure(.badFile, "\(file): \(error)")
        }
    }
}
