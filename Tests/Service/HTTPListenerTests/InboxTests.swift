import Dispatch
import HTTPListener
import NIOCore
import NIOHTTP1
import Testing

@Suite("Listener: what has come and was not taken")
struct InboxTests {
    /// One side puts as the event loop does: no further part before there is room, and what says that there is room is
    /// `resumeReading` alone. A wake-up lost anywhere stops it for good; a race that lost some did so within a second.
    @Test("A reader that is now behind and now ahead never leaves the event loop waiting", .timeLimit(.minutes(2)))
    func resumption() async throws {
        let parts = 200_000
        let inbox = Inbox()
        let room = DispatchSemaphore(value: 0)
        let part = HTTPServerRequestPart.body(ByteBuffer(repeating: 0, count: Inbox.capacityBytes))
        async let put = blocking {
            for count in 1...parts {
                inbox.put(part)
                guard inbox.hasRoom() || room.wait(timeout: .now() + 20) == .success else { return count }
            }
            return parts
        }
        let reading = Task {
            var taken = 0
            while case .body = try await inbox.next(resumeReading: { room.signal() }) { taken += 1 }
            return taken
        }
        #expect(try await put == parts)
        inbox.put(.end(nil))
        #expect(try await reading.value == parts)
    }
}
