import Glibc
import Values
import Webhooks

/// The one place of the daemon where the wall clock is read.
struct WallClock: DeliveryClock {
    func now() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Seconds of a clock that only goes forward.
    static func uptimeSeconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    func sleep(until time: Timestamp) async {
        let seconds = time.seconds(since: now())
        if seconds > 0 { try? await Task.sleep(for: .seconds(min(seconds, 3600))) }
    }
}
