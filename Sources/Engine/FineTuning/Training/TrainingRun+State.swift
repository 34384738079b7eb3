extension TrainingRun {
    /// Everything that the rest of the training depends on, beside its arguments.
    package var state: [UInt8] {
        var writer = StateWriter()
        writer.write(runs.count)
        writer.write(stage.rawValue)
        writer.write(current)
        writer.write(passPiece)
        for sums in [heldoutSums, oldSums] {
            writer.write(sums.loss)
            writer.write(sums.weight)
        }
        writer.write(reference)
        writer.write(stepsTaken)
        writer.write(heldoutLossBefore)
        writer.write(heldoutLossAfter)
        writer.write(oldLossBefore)
        writer.write(oldLossAfter)
        for run in runs { run.write(to: &writer) }
        return writer.bytes
    }

    /// Takes up a training with the same arguments where `state` left it.
    package func restore(_ state: [UInt8]) throws(StateError) {
        var reader = StateReader(state)
        guard try reader.readInt() == runs.count, let stage = Stage(rawValue: try reader.readInt()) else {
            throw StateError()
        }
        self.stage = stage
        current = try reader.readInt()
        passPiece = try reader.readInt()
        heldoutSums = LossSums(loss: try reader.readDouble(), weight: try reader.readDouble())
        oldSums = LossSums(loss: try reader.readDouble(), weight: try reader.readDouble())
        reference = try reader.readDoubles()
        stepsTaken = try reader.readInt()
        heldoutLossBefore = try reader.readDouble()
        heldoutLossAfter = try reader.readDouble()
        oldLossBefore = try reader.readDouble()
        oldLossAfter = try reader.readDouble()
        guard runs.indices.contains(current), reference.isEmpty == (settings.objective == .supervised) else {
            throw StateError()
        }
        for index in runs.indices { try runs[index].read(from: &reader) }
    }
}
