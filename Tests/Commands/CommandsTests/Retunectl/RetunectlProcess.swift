import Foundation
import Locking
import LoopbackServer

/// The real `retunectl` against a server on a Unix socket that keeps what it was asked.
final class RetunectlProcess: Sendable {
    struct Ending {
        var status: Int32
        var output: String
        var errors: String
    }

    let folder: String
    let requests: Locked<[Request]>
    private let server: LoopbackServer

    static let executable =
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/retunectl"

    /// `answering`: by method and target.
    init(answering: @escaping @Sendable (Request) -> (status: Int, body: String)) throws {
        folder = "/tmp/retunectl-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let requests = Locked<[Request]>([])
        self.requests = requests
        server = try LoopbackServer(unixSocketPath: folder + "/socket") { request in
            requests.withLock { $0.append(request) }
            return answering(request)
        }
    }

    func end() {
        server.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// - Parameter input: what is typed, with the end of input after it; nil: the test's own standard input.
    func run(
        _ arguments: [String], environment: [String: String] = [:], input: String? = nil
    ) throws -> Ending {
        try Self.run(
            arguments, environment: ["RETUNED_SOCKET": folder + "/socket"].merging(environment) { $1 }, input: input)
    }

    /// - Parameter file: where its standard output goes; nil: into the ending.
    static func run(
        _ arguments: [String], environment: [String: String], input: String? = nil, into file: FileHandle? = nil
    ) throws -> Ending {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (file ?? output, errors)
        let typed = Pipe()
        if let input {
            process.standardInput = typed
            typed.fileHandleForWriting.write(Data(input.utf8))
            typed.fileHandleForWriting.closeFile()
        }
        try process.run()
        // What is written here stays far under a pipe's capacity, so reading one after the other cannot block.
        let text = file == nil ? output.fileHandleForReading.readDataToEndOfFile() : Data()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Ending(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: complaint, as: UTF8.self))
    }
}
