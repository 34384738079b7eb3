import FineTuning

/// What a checkpoint holds around the state of the work itself: whose it is, and what has been spent.
///
/// It is only taken up by the very job that wrote it (its description and data, by fingerprint) and where its
/// checksum holds; anything else counts as no checkpoint, and the work begins anew to the same bytes.
struct JobCheckpoint {
    var fingerprint: UInt64
    /// CPU seconds of all runs before this one and of this one until the checkpoint.
    var cpuSeconds: Double
    var peakMemoryBytes: Int
    var phase: String
    var state: [UInt8]

    private static let magic = "retuned checkpoint 1"

    var bytes: [UInt8] {
        var writer = StateWriter()
        writer.write(Self.magic)
        writer.write(Int(truncatingIfNeeded: fingerprint))
        writer.write(cpuSeconds)
        writer.write(peakMemoryBytes)
        writer.write(phase)
        writer.write(state)
        var sealed = StateWriter()
        sealed.write(writer.bytes)
        sealed.write(Int(truncatingIfNeeded: Fingerprint.of([writer.bytes])))
        return sealed.bytes
    }

    init(fingerprint: UInt64, cpuSeconds: Double, peakMemoryBytes: Int, phase: String, state: [UInt8]) {
        self.fingerprint = fingerprint
        self.cpuSeconds = cpuSeconds
        self.peakMemoryBytes = peakMemoryBytes
        self.phase = phase
        self.state = state
    }

    /// Nil where the bytes are no whole checkpoint.
    init?(_ bytes: [UInt8]) {
        do {
            var sealed = StateReader(bytes)
            let inner = try sealed.readBytes()
            guard try sealed.readInt() == Int(truncatingIfNeeded: Fingerprint.of([inner])) else { return nil }
            var reader = StateReader(inner)
            guard try reader.readString() == Self.magic else { return nil }
            fingerprint = UInt64(truncatingIfNeeded: try reader.readInt())
            cpuSeconds = try reader.readDouble()
            peakMemoryBytes = try reader.readInt()
            phase = try reader.readString()
            state = try reader.readBytes()
        } catch {
            return nil
        }
    }
}
