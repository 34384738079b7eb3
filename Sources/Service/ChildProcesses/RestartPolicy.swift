/// How long to wait before a child is started again.
package struct RestartPolicy: Hashable, Sendable {
    /// Before the first restart in a row; each further one waits twice as long, up to `maximumDelay`.
    package var initialDelay: Duration
    package var maximumDelay: Duration
    /// Share of a delay that chance may take away, 0 … 1.
    package var jitter: Double
    /// A child that has lived so long counts as healthy: after it the delays start anew.
    package var healthyAfter: Duration
    /// Until the ready check must have passed; then the child is ended and started again.
    package var readyWithin: Duration
    /// Between two ready checks.
    package var readyInterval: Duration
    /// Between SIGTERM and SIGKILL.
    package var stopGrace: Duration

    package init(
        initialDelay: Duration = .milliseconds(500), maximumDelay: Duration = .seconds(30), jitter: Double = 0.5,
        healthyAfter: Duration = .seconds(60), readyWithin: Duration = .seconds(120),
        readyInterval: Duration = .milliseconds(100), stopGrace: Duration = .seconds(10)
    ) {
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
        self.jitter = jitter
        self.healthyAfter = healthyAfter
        self.readyWithin = readyWithin
        self.readyInterval = readyInterval
        self.stopGrace = stopGrace
    }

    /// Delay before restart number `restart` in a row (from 1); `fraction` is the chance, 0 ..< 1.
    package func delay(beforeRestart restart: Int, fraction: Double) -> Duration {
        var delay = initialDelay
        for _ in 1..<max(1, restart) where delay < maximumDelay { delay *= 2 }
        return min(delay, maximumDelay) * (1 - jitter * fraction)
    }
}
