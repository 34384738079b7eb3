import ArgumentParser

// Jobs run here, on the main thread, before the process has another: a job lowers its own priority first, which on
// Linux holds for the calling thread and those it starts.
do {
    var command = try EngineCommand.parseAsRoot()
    if let serve = command as? ServeCommand {
        try await serve.serve()
    } else {
        try command.run()
    }
} catch {
    EngineCommand.exit(withError: error)
}
