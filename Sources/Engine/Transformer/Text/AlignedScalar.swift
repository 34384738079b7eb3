/// A Unicode scalar of a text on its way to the model, with where in the original text it came from.
struct AlignedScalar: Sendable {
    var value: UInt32
    /// Half-open range of Unicode scalars of the original text; empty for what a normaliser put in.
    var start: Int32
    var end: Int32

    /// `value`, put in before or in place of this scalar.
    func replaced(by value: UInt32) -> AlignedScalar {
        AlignedScalar(value: value, start: start, end: end)
    }
}

extension [AlignedScalar] {
    /// The scalars of `text`, each aligned with itself, counted from `offset`.
    init(_ text: some Sequence<Unicode.Scalar>, offset: Int = 0) {
        self.init()
        var position = Int32(offset)
        for scalar in text {
            append(AlignedScalar(value: scalar.value, start: position, end: position + 1))
            position += 1
        }
    }
}

extension Sequence<AlignedScalar> {
    /// The text as UTF-8.
    var utf8: [UInt8] {
        var bytes: [UInt8] = []
        for scalar in self {
            scalar.value.forEachByteOfUTF8 { bytes.append($0) }
        }
        return bytes
    }

    var string: String { String(decoding: utf8, as: UTF8.self) }
}

extension UInt32 {
    /// The UTF-8 encoding of this scalar value, byte by byte.
    @inline(__always)
    func forEachByteOfUTF8(_ body: (UInt8) -> Void) {
        if self < 0x80 {
            body(UInt8(self))
        } else if self < 0x800 {
            body(UInt8(0xC0 | self >> 6))
            body(UInt8(0x80 | self & 0x3F))
        } else if self < 0x10000 {
            body(UInt8(0xE0 | self >> 12))
            body(UInt8(0x80 | self >> 6 & 0x3F))
            body(UInt8(0x80 | self & 0x3F))
        } else {
            body(UInt8(0xF0 | self >> 18))
            body(UInt8(0x80 | self >> 12 & 0x3F))
            body(UInt8(0x80 | self >> 6 & 0x3F))
            body(UInt8(0x80 | self & 0x3F))
        }
    }
}
