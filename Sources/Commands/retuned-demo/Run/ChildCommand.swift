import Foundation
import Locking

/// A program that the demonstration started: its standard output line by line, its log in a file.
final class ChildCommand: Sendable {
    let name: String
    let lines: AsyncStream<String>
    let logPath: String
    private let process: Process
    private let input: Pipe
    private let ended = Locked<Int32?>(nil)

    /// - Parameters:
    ///   - environment: added to this process's own.
    ///   - logPath: gets what it writes to its standard error.
    init(
        _ name: String, executable: String, arguments: [String], environment: [String: String] = [:], logPath: String
    ) throws {
        self.name = name
        self.logPath = logPath
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (output, input) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardInput = input
        _ = FileManager.default.createFile(atPath: logPath, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: logPath)
        let (lines, sink) = AsyncStream.makeStream(of: String.self)
        let rest = Locked<[UInt8]>([])
        output.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                sink.finish()
                return
            }
            let complete = rest.withLock { rest -> [String] in
                rest += data
                var parts = rest.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
                rest = parts.removeLast()
                return parts.map { String(decoding: $0, as: UTF8.self) }
            }
            for line in complete { sink.yield(line) }
        }
        process.terminationHandler = { [ended] in ended.value = $0.terminationStatus }
        do {
            try process.run()
        } catch {
            throw DemoFailure("\(executable) does not start: \(error)")
        }
        self.process = process
        self.input = input
        self.lines = lines
    }

    var exitStatus: Int32? { ended.value }
    var processIdentifier: Int32 { process.processIdentifier }

    func write(_ line: String) {
        try? input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    /// SIGTERM, and SIGKILL where that does not end it within `seconds`.
    func stop(seconds: Double = 15) async {
        guard exitStatus == nil, process.isRunning else { return }
        process.terminate()
        let deadline = WallClock.seconds + seconds
        while exitStatus == nil, WallClock.seconds < deadline { try? await Task.sleep(for: .milliseconds(50)) }
        if exitStatus == nil { kill(process.processIdentifier, SIGKILL) }
    }

    /// The end of its log.
    var logTail: String {
        let text = (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(12).joined(separator: "\n")
    }
}

extension Locked where Value: Sendable {
    var value: Value {
        get { withLock { $0 } }
        set { withLock { $0 = newValue } }
    }
}
