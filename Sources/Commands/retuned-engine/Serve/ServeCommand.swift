import ArgumentParser
import CLinux
import Foundation
import Glibc
import HTTPListener
import Logging
import ServiceLifecycle
import Transformer
import UnixSignals
import Values

/// `retuned-engine serve`
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve a model and adapters over OpenAI's and vLLM's HTTP interface.",
        discussion: """
            POST /v1/chat/completions, GET /v1/models, POST /v1/load_lora_adapter, POST /v1/unload_lora_adapter, \
            GET /health. Adapters stay apart from the weights, so that requests to several of them are answered in one \
            batch. SIGTERM ends the server once the requests in flight are answered.

            When it is ready it writes one line to standard output: "listening on ADDRESS".
            """)

    @Option(help: ArgumentHelp("The checkpoint's folder, in Hugging Face's layout.", valueName: "folder"))
    var model: String

    @Option(help: ArgumentHelp("An adapter in PEFT's format, loaded at start.", valueName: "name=folder"))
    var adapter: [String] = []

    @Option(help: ArgumentHelp("Where to listen.", valueName: "host:port|unix:path"))
    var listen = "127.0.0.1:8000"

    @Option(help: "Threads that compute; by default one for each processor.")
    var threads: Int?

    @Option(help: "Most requests that are computed at once.")
    var maximumBatch = 32

    @Option(help: "Most requests that wait beyond them; the next is told 503.")
    var maximumQueue = 256

    @Option(help: "The base model's name; by default its folder's.")
    var servedName: String?

    @Option(help: "The chat template's name; by default it is recognised from the checkpoint.")
    var template: String?

    @Option(help: ArgumentHelp("End when this process ends, which started this one.", valueName: "process"))
    var parent: Int32?

    func validate() throws {
        guard maximumBatch > 0, maximumQueue >= 0, threads ?? 1 > 0 else {
            throw ValidationError("--threads and --maximum-batch must be positive, --maximum-queue not negative")
        }
        _ = try address
        _ = try adapters
    }

    private var address: ListenAddress {
        get throws {
            if listen.hasPrefix("unix:") { return .unix(path: String(listen.dropFirst(5)), mode: 0o660) }
            guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
                (0...65535).contains(port), colon > listen.startIndex
            else {
                throw ValidationError("--listen \(listen) is neither host:port nor unix:path")
            }
            let host = listen[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
            return .tcp(host: host, port: port)
        }
    }

    private var adapters: [(name: String, folder: String)] {
        get throws {
            try adapter.map { text in
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2 else { throw ValidationError("--adapter \(text) is not name=folder") }
                return (parts[0], parts[1])
            }
        }
    }

    /// Serves until SIGTERM. `main.swift` calls it in place of `run`, which cannot suspend.
    func serve() async throws {
        // A parent that was killed before this line would be waited for in vain.
        if let parent, linux_set_parent_death_signal(SIGKILL, parent) != 0 {
            throw ExitCode(EX_UNAVAILABLE)
        }
        _ = linux_forbid_core_dumps()
        _ = linux_raise_descriptor_limit()
        let logger = Logger(label: "retuned-engine")
        let base = try ServedModel(folder: model, name: servedName, template: template)
        let registry = AdapterRegistry(configuration: base.model.configuration, baseName: base.name)
        for (name, folder) in try adapters { try registry.load(name: name, folder: folder) }
        let scheduler = AnswerScheduler(
            model: base.model, template: base.template,
            threads: threads ?? ProcessInfo.processInfo.activeProcessorCount, maximumBatch: maximumBatch,
            maximumQueue: maximumQueue)
        let server = ModelServer(base: base, registry: registry, scheduler: scheduler, now: WallClock.now)
        var limits = ListenerLimits()
        limits.shutdownGrace = .seconds(20)
        let listener = HTTPListener(
            configuration: ListenerConfiguration(
                addresses: [try address], limits: limits, serverName: "retuned-engine"),
            responder: server.routes.buildResponder(), logger: logger, now: WallClock.now,
            onRunning: { addresses in
                for address in addresses {
                    FileHandle.standardOutput.write(Data("listening on \(address)\n".utf8))
                }
            })
        defer { scheduler.stop() }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [listener], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}
