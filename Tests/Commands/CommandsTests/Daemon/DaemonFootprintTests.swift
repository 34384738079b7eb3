import Foundation
import Testing
import Values

@Suite("DaemonFootprint: an idle daemon without an engine is small")
struct DaemonFootprintTests {
    /// Resident memory, 60 MB of a million bytes; the configuration is the default one but for paths.
    @Test func `sixty megabytes are enough`() async throws {
        let daemon = try RunningDaemon("deployments: [{name: support}]")
        try await daemon.start()
        #expect(try await daemon.log("one").status == 200)
        _ = try await daemon.view()
        let bytes = try daemon.status("VmRSS") * 1024
        print("measured: an idle daemon has \(bytes) bytes of resident memory")
        #expect(bytes > 0)
        #expect(bytes <= 60_000_000)
    }
}
