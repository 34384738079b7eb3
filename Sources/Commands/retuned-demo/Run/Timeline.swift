import Foundation
import Locking

/// What people read: lines with the time since the beginning.
final class Timeline: Sendable {
    private let start = WallClock.seconds
    private let output = Locked<Void>(())

    var elapsed: Double { WallClock.seconds - start }

    static func clock(_ seconds: Double) -> String {
        let whole = max(0, Int(seconds))
        return "\(whole / 60 < 10 ? "0" : "")\(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
    }

    func say(_ text: String) {
        write("\(Self.clock(elapsed)) \(text)\n")
    }

    /// Without a time.
    func plain(_ text: String = "") {
        write(text + "\n")
    }

    private func write(_ text: String) {
        output.withLock { _ in FileHandle.standardOutput.write(Data(text.utf8)) }
    }
}

/// Numbers as people read them.
enum Figures {
    static func percent(_ share: Double) -> String { number(share * 100, 1) + " %" }

    static func points(_ share: Double) -> String { (share >= 0 ? "+" : "−") + number(abs(share) * 100, 1) }

    static func number(_ value: Double, _ decimals: Int) -> String {
        String(format: "%.\(decimals)f", value)
    }
}
