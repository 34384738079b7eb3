import ArgumentParser
import Glibc
import Tensors

// Where OpenBLAS does not know the processor, this process becomes itself again with a kernel that fits.
if let kernel = MatrixLibrary.missedKernel, unsafe getenv("OPENBLAS_CORETYPE") == nil {
    _ = unsafe setenv("OPENBLAS_CORETYPE", kernel, 1)
    _ = unsafe execv("/proc/self/exe", CommandLine.unsafeArgv)
}

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
