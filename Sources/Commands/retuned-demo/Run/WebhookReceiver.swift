import Crypto
import Foundation
import HTTPListener
import HTTPTypes
import Hummingbird
import Locking
import Logging
import NIOCore
import Values

/// A receiver of webhooks as a firm would write it: it checks each signature itself (Standard Webhooks 1.0.0) and counts
/// a delivery that comes twice once.
final class WebhookReceiver: Sendable {
    struct Delivery: Sendable {
        var type: String
        var summary: String
        var cycle: String?
        var adapter: String?
        var isVerified: Bool
        var received: Double
    }

    /// `whsec_…`, as the daemon reads it from its file.
    let secret: String
    private let key: SymmetricKey
    private struct Received {
        var order: [Delivery] = []
        /// Bodies by id.
        var bodies: [String: [UInt8]] = [:]
        var repeated = 0
        var changed: [String] = []
    }

    private let received = Locked(Received())
    private let task = Locked<Task<Void, any Error>?>(nil)

    init() {
        key = SymmetricKey(size: .bits256)
        secret = "whsec_" + (unsafe key.withUnsafeBytes { unsafe Data($0) }).base64EncodedString()
    }

    var deliveries: [Delivery] { received.withLock { $0.order } }
    /// Deliveries that had come before.
    var repeated: Int { received.withLock { $0.repeated } }
    /// Ids that came again with another body.
    var changed: [String] { received.withLock { $0.changed } }

    /// Listens on loopback; returns its address.
    func start(onDelivery: @escaping @Sendable (Delivery) -> Void) async throws -> String {
        let (ports, sink) = AsyncStream.makeStream(of: Int.self)
        let routes = Routes()
        routes.post("/hook") { [self] request, context in
            var buffer = try await context.collectBody()
            let body = buffer.readBytes(length: buffer.readableBytes) ?? []
            func field(_ name: String) -> String { HTTPField.Name(name).flatMap { request.headers[$0] } ?? "" }
            take(
                body, id: field("webhook-id"), time: field("webhook-timestamp"),
                signatures: field("webhook-signature"), onDelivery)
            return Response(status: .noContent)
        }
        var logger = Logger(label: "retuned-demo")
        logger.logLevel = .error
        let listener = HTTPListener(
            configuration: ListenerConfiguration(
                addresses: [.tcp(host: "127.0.0.1", port: 0)], serverName: "retuned-demo"),
            responder: routes.buildResponder(), logger: logger, now: WallClock.now,
            onRunning: { addresses in
                for address in addresses { if let port = address.port { sink.yield(port) } }
                sink.finish()
            })
        task.value = Task {
            defer { sink.finish() }
            try await listener.run()
        }
        for await port in ports { return "http://127.0.0.1:\(port)/hook" }
        throw DemoFailure("the receiver of webhooks cannot listen on loopback")
    }

    func stop() {
        task.value?.cancel()
    }

    private func take(
        _ body: [UInt8], id: String, time: String, signatures: String, _ onDelivery: @Sendable (Delivery) -> Void
    ) {
        let isVerified = Self.verifies(body, id: id, time: time, signatures: signatures, key: key)
        let value = try? JSONValue(parsing: body)
        let delivery = Delivery(
            type: value?["type"]?.stringValue ?? "unreadable",
            summary: value?["data"]?["summary"]?.stringValue ?? "",
            cycle: value?["data"]?["cycle"]?.stringValue, adapter: value?["data"]?["adapter"]?.stringValue,
            isVerified: isVerified, received: WallClock.seconds)
        let isNew = received.withLock { received in
            if let before = received.bodies.updateValue(body, forKey: id) {
                received.repeated += 1
                if before != body { received.changed.append(id) }
                return false
            }
            received.order.append(delivery)
            return true
        }
        if isNew { onDelivery(delivery) }
    }

    /// `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`; one of several signatures has to fit, and the time has
    /// to be within five minutes.
    static func verifies(
        _ body: [UInt8], id: String, time: String, signatures: String, key: SymmetricKey,
        now: Timestamp = WallClock.now()
    ) -> Bool {
        guard let sent = Int64(time), abs(now.milliseconds / 1000 - sent) <= 300 else { return false }
        let signed = Array("\(id).\(time).".utf8) + body
        return signatures.split(separator: " ").contains { signature in
            guard signature.hasPrefix("v1,"), let code = Data(base64Encoded: String(signature.dropFirst(3))) else {
                return false
            }
            return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: key)
        }
    }
}
