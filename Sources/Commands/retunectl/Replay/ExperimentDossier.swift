package import API
import Values

/// An experiment with everything that its looks were made from, as `retunectl ab export` wrote it.
package struct ExperimentDossier: Sendable {
    package var experiment: ExperimentView
    /// By the look that first saw them, from 0; within it in the order of the log.
    package var assignments: [Int: [AssignmentRow]] = [:]
    package var newcomers: [Int: [NewcomerRow]] = [:]
    package var difficulties: [Int: [DifficultyRow]] = [:]
    package var ratings: [Int: [ExperimentRatingRow]] = [:]
    package var requests: [Int: [ExperimentRequestRow]] = [:]

    /// The last look that a row names, from 0; nil: none does.
    var latestLook: Int? {
        [
            assignments.keys.max(), newcomers.keys.max(), difficulties.keys.max(), ratings.keys.max(),
            requests.keys.max(),
        ].compactMap { $0 }.max()
    }

    package init(experiment: ExperimentView) {
        self.experiment = experiment
    }

    /// Reads a file, gzip or plain.
    ///
    /// - Throws: where it cannot be read, or a line is not what it has to be: which one, and why.
    package init(path: String) throws(ControlFailure) {
        let lines = try RecordLines(path: path)
        guard let first = try lines.next() else { throw ControlFailure(.badFile, "\(path) is empty") }
        let head = try Self.line(first, of: path)
        guard let format = head.format, let experiment = head.experiment else {
            throw ControlFailure(
                .badFile, "\(path), line \(first.number): no dossier of an experiment; retunectl ab export writes one")
        }
        guard format == DossierLine.currentFormat else {
            throw ControlFailure(
                .badFile, "\(path) has the format \(format); this version reads \(DossierLine.currentFormat)")
        }
        if let problem = Self.problem(experiment) {
            throw ControlFailure(.badFile, "\(path), line \(first.number): \(problem)")
        }
        self.init(experiment: experiment)
        while let line = try lines.next() {
            let row = try Self.line(line, of: path)
            // What no look has seen yet decides nothing.
            switch (row.assignment, row.newcomer, row.difficulty, row.rating, row.request) {
            case (let row?, nil, nil, nil, nil): if let look = row.look { assignments[look, default: []].append(row) }
            case (nil, let row?, nil, nil, nil): if let look = row.look { newcomers[look, default: []].append(row) }
            case (nil, nil, let row?, nil, nil): if let look = row.look { difficulties[look, default: []].append(row) }
            case (nil, nil, nil, let row?, nil): if let look = row.look { ratings[look, default: []].append(row) }
            case (nil, nil, nil, nil, let row?): if let look = row.look { requests[look, default: []].append(row) }
            default:
                throw ControlFailure(
                    .badFile,
                    "\(path), line \(line.number): neither an assignment nor a newcomer nor a difficulty nor a rating nor a request"
                )
            }
        }
    }

    /// What no experiment has, so that none can be taken again from it.
    private static func problem(_ view: ExperimentView) -> String? {
        let design = view.design
        func isRate(_ value: Double) -> Bool { value > 0 && value < 1 }
        if view.ramp.isEmpty || !view.ramp.allSatisfy({ $0.exposure > 0 && $0.exposure <= 50 }) {
            return "ramp has to have steps with an exposure above 0, at most 50"
        }
        if !isRate(view.alpha) || !isRate(view.harmAlpha) { return "alpha and harmAlpha have to lie between 0 and 1" }
        if view.tuning <= 0 { return "tuning has to be above 0" }
        if design.daySeconds < 0.001 { return "design.daySeconds has to be 0.001 or more" }
        if design.burnInUnits < 1 || design.leastStepUnits < 0 || design.leastStepSeconds < 0
            || design.longestSeconds < 0 || design.requestsPerUnitPerDay.map({ $0 < 1 }) ?? false
        {
            return "design has a number below what there can be"
        }
        if design.scale.worst == design.scale.best { return "design.scale has to have two ends" }
        let isDisordered = zip(view.looks, view.looks.dropFirst()).contains { $0.time > $1.time }
        return isDisordered || view.looks.contains { $0.time < view.started || $0.step < 1 }
            ? "looks have to be in the order of time, from the start on" : nil
    }

    private static func line(_ line: RecordLines.Line, of path: String) throws(ControlFailure) -> DossierLine {
        do {
            return try StrictJSON.decode(DossierLine.self, parsing: line.bytes, ignoringUnknownFields: true)
        } catch {
            throw ControlFailure(.badFile, "\(path), line \(line.number): \(error)")
        }
    }
}
