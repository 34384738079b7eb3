import Glibc
import Locking
import Logging
import LoopbackServer
import OutboundHTTP
import Store
import Testing
import Values
import Webhooks

/// A real store, a dispatcher on it, and a clock in the test's hand.
struct DispatcherRig {
    static let secretText = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let start = Timestamp(milliseconds: 1_800_000_000_000)

    let folder: String
    let store: DurableStore
    let outbox: ObservedOutbox
    let clock = ManualDeliveryClock(now: start)
    let lines = Locked<[String]>([])
    let dispatcher: WebhookDispatcher

    init(endpoints: [WebhookEndpoint]) throws {
        folder = "/tmp/retuned-webhooks-\(UInt64.random(in: 0 ... .max))"
        store = try DurableStore(folder: folder, options: StoreOptions(ballastBytes: 0))
        outbox = ObservedOutbox(store: store)
        let lines = lines
        dispatcher = WebhookDispatcher(
            endpoints: endpoints, outbox: outbox, client: HTTPClient(), clock: clock, randomFraction: { 0 },
            makeIdentifier: { "msg_test" }, logger: Logger(label: "webhooks") { _ in CapturedLog(lines: lines) })
    }

    static func endpoint(
        _ name: String, _ url: String, types: Set<String> = [], policy: AddressPolicy = .loopbackOnly
    ) throws -> WebhookEndpoint {
        WebhookEndpoint(
            name: name, url: url, secrets: [try WebhookSecret(secretText)], types: types, addressPolicy: policy)
    }

    func append(_ identifier: String, type: String = "adapter.promoted") async throws {
        try await store.append(
            event: OutboxEvent(
                id: identifier, deployment: nil, type: type, payload: Array(#"{"type":"\#(type)"}"#.utf8),
                created: clock.now()))
    }

    /// Runs the dispatcher while `body` runs, then closes the store and removes its folder.
    func run(_ body: (Marks) async throws -> Void) async throws {
        let task = Task { [dispatcher] in try await dispatcher.run() }
        do {
            try await body(Marks(stream: outbox.marks))
        } catch {
            Issue.record(error)
        }
        task.cancel()
        try await task.value
        try await store.close()
        for file in ["retuned.sqlite", "retuned.sqlite-wal", "retuned.sqlite-shm", "lock", "ballast"] {
            unsafe unlink("\(folder)/\(file)")
        }
        unsafe rmdir(folder)
    }

    /// One reader's view of what is marked.
    struct Marks: Sendable {
        let stream: AsyncStream<ObservedOutbox.Mark>

        func next() async -> ObservedOutbox.Mark? {
            var iterator = stream.makeAsyncIterator()
            return await iterator.next()
        }
    }
}
