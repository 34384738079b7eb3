package struct OutOfPatience: Error {
    package var what: String
}

/// Waits until `condition` holds; throws after a minute, so that a test that would hang fails instead.
package func patiently(_ what: String, until condition: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while !condition() {
        guard ContinuousClock.now < deadline else { throw OutOfPatience(what: what) }
        try await Task.sleep(for: .milliseconds(1))
    }
}
