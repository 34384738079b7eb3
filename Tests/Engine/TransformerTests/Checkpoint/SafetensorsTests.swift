import FoundationEssentials
import Tensors
import Testing
import Transformer

@Suite("Safetensors: what is refused, and the way there and back")
struct SafetensorsTests {
    static let bad: [(header: String, data: Int, words: String)] = [
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
            12, "overlaps"
        ),
        (
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#,
            12, "hole"
        ),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "hole"),
        (#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#, 12, "cut short"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 9, "after the last tensor"),
        (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "need 12"),
        (
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            8, "not valid"
        ),
        (#"{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}"#, 4, "F8_E4M3"),
        (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0, "larger than any file"),
        (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "shape"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "data_offsets"),
        (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "exactly"),
        (#"[1]"#, 0, "not a JSON object"),
        (#"{"a":"#, 0, "not valid"),
        (#"{"__metadata__":{"x":1}}"#, 0, "strings"),
    ]

    @Test(arguments: bad.indices) func badHeadersAreRefused(_ index: Int) throws {
        let folder = try ScratchFolder()
        let (header, data, words) = Self.bad[index]
        let path = try folder.safetensors("x.safetensors", header: header, data: data)
        let error = #expect(throws: CheckpointError.self) { try SafetensorsFile(path: path) }
        #expect(
            error.map { "\($0)".contains(words) && "\($0)".contains(path) } ?? false, "\(error.map { "\($0)" } ?? "")")
    }

    @Test func lengthsOfTheHeader() throws {
        let folder = try ScratchFolder()
        for length in [1_000_000_000_000, 100_000_001, 60, Int.max, -1] {
            let path = try folder.safetensors("x.safetensors", header: "{}", data: 0, length: length)
            #expect(throws: CheckpointError.self) { try SafetensorsFile(path: path) }
        }
        try OutputFile.write([1, 2, 3], path: folder.path + "/short")
        #expect(throws: CheckpointError.self) { try SafetensorsFile(path: folder.path + "/short") }
        #expect(throws: CheckpointError.self) { try SafetensorsFile(path: folder.path + "/absent") }
        #expect(throws: CheckpointError.self) { try SafetensorsFile(path: folder.path) }
    }

    @Test func typesAndShapesAreCheckedOnReading() throws {
        let folder = try ScratchFolder()
        let path = try folder.safetensors(
            "x.safetensors",
            header:
                #"{"a":{"dtype":"I64","shape":[2],"data_offsets":[0,16]},"b":{"dtype":"F16","shape":[2],"data_offsets":[16,20]}}"#,
            data: 20)
        let file = try SafetensorsFile(path: path)
        #expect(throws: CheckpointError.self) { try file.read("a", into: Matrix(rows: 1, columns: 2)) }
        #expect(throws: CheckpointError.self) { try file.read("b", into: Matrix(rows: 2, columns: 2)) }
        #expect(throws: CheckpointError.self) { try file.read("c", into: Matrix(rows: 1, columns: 2)) }
        #expect(throws: CheckpointError.self) { try file.integers("b") }
        #expect(try file.integers("a") == [0, 0])
    }

    @Test func halfPrecisionNumbers() throws {
        let folder = try ScratchFolder()
        // 1, -2, 65504, the smallest subnormal, and a subnormal of many bits.
        let halves: [UInt16] = [0x3C00, 0xC000, 0x7BFF, 0x0001, 0x83FF]
        let header = #"{"a":{"dtype":"F16","shape":[5],"data_offsets":[0,10]}}"#
        var bytes =
            (0..<8).map { UInt8(truncatingIfNeeded: UInt64(header.utf8.count) >> (8 * $0)) } + Array(header.utf8)
        for half in halves { bytes += [UInt8(half & 255), UInt8(half >> 8)] }
        try OutputFile.write(bytes, path: folder.path + "/h")
        let read = try SafetensorsFile(path: folder.path + "/h").matrix("a")
        #expect(read.values == [1, -2, 65504, 0x1p-24, -0x1.ff8p-15])
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let folder = try ScratchFolder()
        let a = Matrix(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, -6.5])
        let v = Matrix(rows: 1, columns: 2, values: [0.25, .pi])
        try SafetensorsWriter.write(
            [
                .init(name: "v", matrix: v, isVector: true),
                .init(name: "a", matrix: a.columns(1..<3), format: .bfloat16),
            ],
            path: folder.path + "/x")
        let file = try SafetensorsFile(path: folder.path + "/x")
        #expect(file.metadata == ["format": "pt"])
        #expect(file.tensors["v"]?.shape == [2])
        #expect(try file.matrix("v").values == v.values)
        #expect(try file.matrix("a").values == [2, 3, 5, -6.5])
    }

    @Test func numbersThatAreNotFiniteAreRefused() throws {
        let folder = try ScratchFolder()
        for value in [Float.nan, .infinity] {
            let a = Matrix(rows: 1, columns: 3, values: [1, value, 3])
            try SafetensorsWriter.write([.init(name: "a", matrix: a)], path: folder.path + "/x")
            let file = try SafetensorsFile(path: folder.path + "/x")
            #expect(throws: CheckpointError.self) { try file.read("a", into: Matrix(rows: 1, columns: 3)) }
        }
    }
}
