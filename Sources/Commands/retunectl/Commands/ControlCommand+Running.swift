import ArgumentParser

extension ControlCommand {
    /// Reads the command line and carries it out. Exit statuses are the command's own, so failing is said here.
    static func carryOut() async -> ControlExit {
        do {
            var command = try parseAsRoot()
            if var running = command as? any AsyncParsableCommand {
                try await running.run()
            } else {
                try command.run()
            }
            return .done
        } catch let failure as ControlFailure {
            Output.complain(failure.description)
            return failure.exit
        } catch {
            let message = fullMessage(for: error)
            if exitCode(for: error).isSuccess {
                Output.write(message)
                return .done
            }
            if !message.isEmpty { Output.complain(message, named: false) }
            return .usage
        }
    }
}
