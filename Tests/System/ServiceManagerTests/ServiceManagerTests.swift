import Glibc
import ServiceManager
import Testing

@Suite("ServiceManager")
struct ServiceManagerTests {
    private static func names() -> [String] {
        let suffix = "retuned-notify-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        return ["/tmp/\(suffix)", "@\(suffix)"]
    }

    @Test("every notification arrives as one datagram, at a path and at an abstract name")
    func notifications() throws {
        for name in Self.names() {
            let socket = try NotificationSocket(name)
            let manager = ServiceManager(environment: ["NOTIFY_SOCKET": name])
            #expect(manager.isPresent)
            #expect(manager.ready(status: "serving\n2 deployments"))
            #expect(socket.next() == ["READY=1", "STATUS=serving 2 deployments"])
            #expect(manager.status("training, step 3 of 9"))
            #expect(socket.next() == ["STATUS=training, step 3 of 9"])
            #expect(manager.watchdog())
            #expect(socket.next() == ["WATCHDOG=1"])
            #expect(manager.extendTimeout(by: .milliseconds(1500)))
            #expect(socket.next() == ["EXTEND_TIMEOUT_USEC=1500000"])
            #expect(manager.stopping(status: "draining"))
            #expect(socket.next() == ["STOPPING=1", "STATUS=draining"])
            #expect(socket.next() == nil)
        }
    }

    @Test("a reload carries the monotonic clock of this instant")
    func reload() throws {
        let socket = try NotificationSocket(Self.names()[1])
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": socket.name])
        var before = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &before)
        #expect(manager.reloading())
        let lines = try #require(socket.next())
        #expect(lines.first == "RELOADING=1")
        let time = try #require(lines.last?.split(separator: "=").last.flatMap { Int($0) })
        let earliest = before.tv_sec * 1_000_000 + before.tv_nsec / 1000
        // A second is far more than the call takes, and far less than a wrong clock would be off by.
        #expect((earliest...earliest + 1_000_000).contains(time))
    }

    @Test("without a manager, or when it is gone, nothing happens")
    func absent() {
        for environment in [[:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative"]] {
            let manager = ServiceManager(environment: environment)
            #expect(!manager.isPresent)
            #expect(!manager.ready())
        }
        let gone = ServiceManager(environment: ["NOTIFY_SOCKET": "/nonexistent/notify"])
        #expect(gone.isPresent)
        #expect(!gone.ready())
    }

    @Test("the watchdog counts only where it is meant for this process")
    func watchdog() {
        func interval(_ environment: [String: String]) -> Duration? {
            ServiceManager(environment: environment, processIdentifier: 42).watchdogInterval
        }
        #expect(interval(["WATCHDOG_USEC": "30000000"]) == .seconds(30))
        #expect(interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"]) == .seconds(30))
        #expect(interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "43"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "0"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "soon"]) == nil)
        #expect(interval([:]) == nil)
    }
}
