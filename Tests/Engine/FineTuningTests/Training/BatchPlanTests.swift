import FineTuning
import Statistics
import Testing

@Suite("Training: batches and saved bytes")
struct BatchPlanTests {
    @Test func `each row occurs once, batches keep their size, epochs and seeds differ, and nothing else does`() {
        var random = SeededGenerator.stream(seed: 1, index: 2)
        let lengths = (0..<500).map { _ in 5 + Int(random.next() % 60) } + [400]
        let plan = BatchPlan.epoch(lengths: lengths, batchTokens: 256, seed: 7, epoch: 0)
        #expect(plan.flatMap(\.self).sorted() == Array(lengths.indices))
        for batch in plan where batch.count > 1 {
            #expect(batch.reduce(0) { $0 + lengths[$1] } <= 256)
        }
        #expect(plan == BatchPlan.epoch(lengths: lengths, batchTokens: 256, seed: 7, epoch: 0))
        #expect(plan != BatchPlan.epoch(lengths: lengths, batchTokens: 256, seed: 7, epoch: 1))
        #expect(plan != BatchPlan.epoch(lengths: lengths, batchTokens: 256, seed: 8, epoch: 0))
        #expect(BatchPlan.epoch(lengths: [], batchTokens: 256, seed: 7, epoch: 0).isEmpty)
    }

    @Test func `what is written is read, and anything shorter is refused`() throws {
        var writer = StateWriter()
        writer.write(-5)
        writer.write(Double.nan)
        writer.write(true)
        writer.write("größe")
        writer.write([Float](arrayLiteral: 1.5, -.infinity))
        writer.write([0.1, -2])
        writer.write([UInt8](arrayLiteral: 1, 2, 3))
        func read(_ bytes: [UInt8]) throws {
            var reader = StateReader(bytes)
            #expect(try reader.readInt() == -5)
            #expect(try reader.readDouble().isNaN)
            #expect(try reader.readBool())
            #expect(try reader.readString() == "größe")
            #expect(try reader.readFloats() == [1.5, -.infinity])
            #expect(try reader.readDoubles() == [0.1, -2])
            #expect(try reader.readBytes() == [1, 2, 3])
        }
        try read(writer.bytes)
        #expect(throws: StateError.self) { try read(Array(writer.bytes.dropLast())) }
        var huge = StateWriter()
        huge.write(Int.max)
        var reader = StateReader(huge.bytes)
        #expect(throws: StateError.self) { try reader.readFloats() }
    }
}
