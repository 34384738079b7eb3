/// A saved state that is shorter than what it should hold, or holds something else.
package struct StateError: Error, CustomStringConvertible, Sendable {
    package var description: String { "The saved state is damaged or of another version." }

    package init() {}
}

/// Reads what `StateWriter` wrote.
package struct StateReader: Sendable {
    private let bytes: [UInt8]
    private var position = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package mutating func readInt() throws(StateError) -> Int { Int(Int64(bitPattern: try readBits())) }

    package mutating func readDouble() throws(StateError) -> Double { Double(bitPattern: try readBits()) }

    package mutating func readBool() throws(StateError) -> Bool {
        try take(1)
        return bytes[position - 1] != 0
    }

    package mutating func readString() throws(StateError) -> String { String(decoding: try readBytes(), as: UTF8.self) }

    package mutating func readBytes() throws(StateError) -> [UInt8] {
        let count = try readInt()
        try take(count)
        return Array(bytes[position - count..<position])
    }

    package mutating func readDoubles() throws(StateError) -> [Double] {
        let count = try readCount(size: 8)
        var values: [Double] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try readDouble()) }
        return values
    }

    package mutating func readFloats() throws(StateError) -> [Float] {
        let count = try readCount(size: 4)
        try take(count * 4)
        var offset = position - count * 4
        var values = [Float](repeating: 0, count: count)
        for index in values.indices {
            let bits =
                UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16
                | UInt32(bytes[offset + 3]) << 24
            values[index] = Float(bitPattern: bits)
            offset += 4
        }
        return values
    }

    private mutating func readCount(size: Int) throws(StateError) -> Int {
        let count = try readInt()
        guard count >= 0, count <= (bytes.count - position) / size else { throw StateError() }
        return count
    }

    private mutating func readBits() throws(StateError) -> UInt64 {
        try take(8)
        var bits: UInt64 = 0
        for index in 0..<8 { bits |= UInt64(bytes[position - 8 + index]) << UInt64(index * 8) }
        return bits
    }

    private mutating func take(_ count: Int) throws(StateError) {
        guard count >= 0, count <= bytes.count - position else { throw StateError() }
        position += count
    }
}
