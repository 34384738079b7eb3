import HTTPListener
import NIOCore
import Testing
import Values

@Suite("Listener: the deadlines as a value")
struct ConnectionDeadlinesTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func at(_ milliseconds: Int64) -> NIODeadline { start + .milliseconds(milliseconds) }

    private func deadlines() -> ConnectionDeadlines {
        var limits = ListenerLimits()
        limits.headerDeadline = .seconds(10)
        limits.bodyDeadline = .seconds(30)
        limits.bodyGrace = .seconds(5)
        limits.bodyBytesPerSecond = 1000
        limits.writeDeadline = .seconds(20)
        limits.idleTimeout = .seconds(60)
        limits.lingering = .seconds(2)
        return ConnectionDeadlines(limits, now: start)
    }

    @Test("A new connection must send a head; a kept-alive one may lie idle, then must send a head")
    func heads() {
        var deadlines = deadlines()
        #expect(deadlines.next?.at == at(10_000))
        #expect(deadlines.next?.cut == .header)
        deadlines.bytesArrived(now: at(9_000))
        #expect(deadlines.next?.at == at(10_000))
        deadlines.headArrived(now: at(9_500))
        deadlines.requestArrived()
        #expect(deadlines.next == nil)
        deadlines.answered(withinHead: false, now: at(20_000))
        #expect(deadlines.next?.at == at(80_000))
        #expect(deadlines.next?.cut == .idle)
        deadlines.bytesArrived(now: at(50_000))
        #expect(deadlines.next?.at == at(60_000))
        #expect(deadlines.next?.cut == .header)
        deadlines.bytesArrived(now: at(55_000))
        #expect(deadlines.next?.at == at(60_000))
    }

    @Test("Half a head that came during the last answer starts its deadline after the answer")
    func pipelinedHead() {
        var deadlines = deadlines()
        deadlines.headArrived(now: at(0))
        deadlines.requestArrived()
        deadlines.answered(withinHead: true, now: at(7_000))
        #expect(deadlines.next?.at == at(17_000))
        #expect(deadlines.next?.cut == .header)
    }

    @Test("Where the client waits for 100 Continue its body's time begins with that, or with the first of its bytes")
    func heldBack() {
        var deadlines = deadlines()
        deadlines.readStarted(now: at(0))
        deadlines.headArrived(expectsContinue: true, now: at(1_000))
        deadlines.readEnded(now: at(1_000))
        deadlines.readStarted(now: at(1_000))
        #expect(deadlines.next == nil)
        deadlines.continued(now: at(40_000))
        #expect(deadlines.next?.at == at(45_000))
        #expect(deadlines.next?.cut == .body)
        var hasty = self.deadlines()
        hasty.headArrived(expectsContinue: true, now: at(1_000))
        hasty.bodyArrived(bytes: 1)
        hasty.readStarted(now: at(2_000))
        #expect(hasty.next?.at == at(7_000))
    }

    @Test("A body's time counts only while a read is outstanding, and grows with what has come")
    func body() {
        var deadlines = deadlines()
        deadlines.readStarted(now: at(0))
        deadlines.headArrived(now: at(1_000))
        #expect(deadlines.next?.at == at(6_000))
        #expect(deadlines.next?.cut == .body)
        deadlines.bodyArrived(bytes: 8_000)
        deadlines.readEnded(now: at(2_000))
        // The route takes its time: no deadline.
        #expect(deadlines.next == nil)
        // One second was waited; 8,000 bytes allow eight.
        deadlines.readStarted(now: at(100_000))
        #expect(deadlines.next?.at == at(107_000))
        // However much has come, thirty seconds of waiting are the most.
        deadlines.bodyArrived(bytes: 10_000_000)
        deadlines.readEnded(now: at(101_000))
        deadlines.readStarted(now: at(200_000))
        #expect(deadlines.next?.at == at(228_000))
    }

    @Test("A write's deadline starts anew when the client takes something, and the nearer deadline counts")
    func writes() {
        var deadlines = deadlines()
        deadlines.headArrived(now: at(0))
        deadlines.requestArrived()
        deadlines.writeStarted(now: at(1_000))
        deadlines.writeStarted(now: at(2_000))
        #expect(deadlines.next?.at == at(21_000))
        #expect(deadlines.next?.cut == .write)
        deadlines.writeEnded(now: at(15_000))
        #expect(deadlines.next?.at == at(35_000))
        deadlines.writeEnded(now: at(16_000))
        #expect(deadlines.next == nil)
        deadlines.writeStarted(now: at(30_000))
        deadlines.lingered(now: at(30_000))
        #expect(deadlines.next?.cut == .lingering)
        deadlines.answered(withinHead: false, now: at(31_000))
        #expect(deadlines.phase == .lingering(since: at(30_000)))
    }

    @Test(
        "The Date field is right before 1970, at leap days and centuries",
        arguments: [
            // RFC 9110, 5.6.7, and `date -u -d @SECONDS`.
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        ])
    func date(second: Int64, text: String) {
        #expect(DateField.text(second: second) == text)
    }
}
