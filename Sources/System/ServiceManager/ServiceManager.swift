import Glibc

/// What a service tells its service manager: systemd's notification protocol (`sd_notify(3)`), without libsystemd.
///
/// A notification is one datagram of lines `NAME=value` to the Unix socket that `NOTIFY_SOCKET` names, a path or, with
/// a leading `@`, an abstract name. Without the variable every call does nothing, so that a daemon behaves the same
/// when it is started by hand. The variables are only read: what starts children must not pass them on.
package struct ServiceManager: Sendable {
    /// Nil: nobody listens.
    private let address: String?

    /// How long the manager waits for a sign of life before it ends the service; nil: it does not watch. A service that
    /// sends `watchdog()` at a third of it survives a lost beat.
    package let watchdogInterval: Duration?

    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    ///
    /// - Parameter processIdentifier: of this process; a watchdog that is meant for another is ignored.
    package init(environment: [String: String], processIdentifier: Int32 = getpid()) {
        let name = environment["NOTIFY_SOCKET"] ?? ""
        let fits = (2...107).contains(name.utf8.count)
        address = fits && (name.hasPrefix("/") || name.hasPrefix("@")) ? name : nil
        let isOurs = environment["WATCHDOG_PID"].map { $0 == String(processIdentifier) } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdogInterval = isOurs && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// Whether a manager listens.
    package var isPresent: Bool { address != nil }

    /// The service takes requests; also the end of a reload.
    @discardableResult
    package func ready(status: String? = nil) -> Bool {
        send(["READY=1"] + (status.map { [Self.statusLine($0)] } ?? []))
    }

    /// One line for `systemctl status`.
    @discardableResult
    package func status(_ text: String) -> Bool {
        send([Self.statusLine(text)])
    }

    /// The configuration is being read again; `ready` ends it. `MONOTONIC_USEC` is what systemd 253 and later ask for.
    @discardableResult
    package func reloading() -> Bool {
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return send(["RELOADING=1", "MONOTONIC_USEC=\(Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)"])
    }

    /// The service ends.
    @discardableResult
    package func stopping(status: String? = nil) -> Bool {
        send(["STOPPING=1"] + (status.map { [Self.statusLine($0)] } ?? []))
    }

    /// A sign of life; to be sent only when work has really gone on.
    @discardableResult
    package func watchdog() -> Bool {
        send(["WATCHDOG=1"])
    }

    /// Start, reload or stop takes longer: from now on so much more time.
    @discardableResult
    package func extendTimeout(by duration: Duration) -> Bool {
        let (seconds, attoseconds) = duration.components
        return send(["EXTEND_TIMEOUT_USEC=\(max(0, seconds * 1_000_000 + attoseconds / 1_000_000_000_000))"])
    }

    private static func statusLine(_ text: String) -> String {
        "STATUS=" + String(text.map { $0.isNewline ? " " : $0 })
    }

    /// Sends the lines as one datagram. False without a manager, or where it did not take it; that is never a reason to
    /// stop serving.
    private func send(_ lines: [String]) -> Bool {
        guard let address else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // A manager that does not read must not hold the daemon for ever.
        var deadline = timeval(tv_sec: 5, tv_usec: 0)
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_SNDTIMEO, &deadline, socklen_t(MemoryLayout<timeval>.size))
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        var name = Array(address.utf8)
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        unsafe withUnsafeMutableBytes(of: &target.sun_path) { unsafe $0.copyBytes(from: name) }
        // An abstract name has no terminator: its length alone says where it ends.
        let prefix = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        let length = socklen_t(prefix + name.count + (name[0] == 0 ? 0 : 1))
        let message = Array(lines.joined(separator: "\n").utf8)
        return unsafe withUnsafePointer(to: target) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                while true {
                    let sent = unsafe sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), pointer, length)
                    if sent < 0, errno == EINTR { continue }
                    return sent == message.count
                }
            }
        }
    }
}
