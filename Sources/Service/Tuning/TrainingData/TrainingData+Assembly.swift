import Contracts
import Statistics
package import Store
import Traffic

extension TrainingData {
    /// Makes the rows of a job from rated interactions: a function of the records and the rules alone.
    ///
    /// - Parameters:
    ///   - interactions: with the ratings that count, in any order; interactions without ratings are counted and skipped.
    ///   - rules: what may teach; see `TrainingData`.
    package init(interactions: [RatedInteraction], rules: TrainingDataRules) {
        self.init()
        report.interactions = interactions.count
        var candidates: [Candidate] = []
        for rated in interactions where !rated.ratings.isEmpty {
            report.rated += 1
            if let candidate = Candidate(rated, rules: rules) {
                candidates.append(candidate)
            } else {
                report.unteachable += 1
            }
        }
        candidates.sort { ($0.order, $0.row.example.record) < ($1.order, $1.row.example.record) }
        count(candidates)
        candidates = capped(candidates, rules: rules)
        let units = Set(candidates.map(\.row.example.unit))
        report.units = units.count
        let heldoutUnits = units.filter {
            StableHash.uniform($0, salt: "heldout", seed: rules.seed) < rules.heldoutShare
        }
        let recentWeight = Self.correctionWeight(candidates.filter(\.isRecent))
        let oldWeight = Self.correctionWeight(candidates.filter { !$0.isRecent })
        report.correctionWeight = recentWeight
        for index in candidates.indices where candidates[index].row.isCorrection {
            candidates[index].row.example.weight = candidates[index].isRecent ? recentWeight : oldWeight
        }
        let isHeldout = { (candidate: Candidate) in heldoutUnits.contains(candidate.row.example.unit) }
        let desirable = candidates.filter(\.row.example.desirable)
        heldout = collapsed(desirable.filter { isHeldout($0) && $0.isRecent })
        old = collapsed(desirable.filter { isHeldout($0) && !$0.isRecent }, keepingDuplicates: true)
        let teaching = candidates.filter { !isHeldout($0) }
        let unseen = teaching.filter { !rules.golden.contains($0.row.example.messages) }
        report.golden = teaching.count - unseen.count
        train = trainingRows(unseen, rules: rules)
        finishReport()
    }

    private mutating func count(_ candidates: [Candidate]) {
        for candidate in candidates {
            if !candidate.isRecent {
                report.oldRated += 1
                continue
            }
            report.recentRated += 1
            if candidate.isBad { report.recentBad += 1 } else { report.recentGood += 1 }
            if candidate.row.isCorrection { report.recentCorrections += 1 }
        }
    }

    private mutating func capped(_ candidates: [Candidate], rules: TrainingDataRules) -> [Candidate] {
        var perUnit: [String: Int] = [:]
        var perRater: [String: Int] = [:]
        var kept: [Candidate] = []
        kept.reserveCapacity(candidates.count)
        for candidate in candidates {
            if candidate.isMostlyRedacted {
                report.mostlyRedacted += 1
                continue
            }
            // Recent and old traffic are capped apart: old rows only guard against forgetting.
            let suffix = candidate.isRecent ? "+" : "-"
            if perUnit[candidate.row.example.unit + suffix, default: 0] >= rules.rowsPerUnit {
                report.overUnitCap += 1
                continue
            }
            if perRater[candidate.rater + suffix, default: 0] >= rules.rowsPerRater {
                report.overRaterCap += 1
                continue
            }
            perUnit[candidate.row.example.unit + suffix, default: 0] += 1
            perRater[candidate.rater + suffix, default: 0] += 1
            kept.append(candidate)
        }
        return kept
    }

    /// Inverse of the chance that a bad answer was corrected.
    private static func correctionWeight(_ candidates: [Candidate]) -> Double {
        let bad = candidates.count(where: \.isBad)
        let corrected = candidates.count { $0.isBad && $0.row.isCorrection }
        guard corrected > 0 else { return 1 }
        return min(TrainingDataRules.largestWeight, max(1, Double(bad) / Double(corrected)))
    }

    /// Recent rows under the share of own answers, then replay, at most `maximumRows` in all.
    private mutating func trainingRows(_ candidates: [Candidate], rules: TrainingDataRules) -> [Row] {
        let undesirable = candidates.filter { rules.keepsUndesirable && $0.isRecent && !$0.row.example.desirable }
            .prefix(rules.maximumRows)
        let teaching = candidates.filter(\.row.example.desirable)
        var recent = collapsed(teaching.filter(\.isRecent))
        let corrections = recent.filter(\.isCorrection)
        var own = recent.filter { !$0.isCorrection }
        let most =
            rules.ownAnswersShare >= 1
            ? own.count : Int(Double(corrections.count) * rules.ownAnswersShare / (1 - rules.ownAnswersShare))
        if own.count > most {
            report.ownAnswersDropped = own.count - most
            own.removeLast(own.count - most)
        }
        recent = corrections + own
        let recentMost = Int(Double(rules.maximumRows) * (1 - rules.replayShare))
        if recent.count > recentMost { recent.removeLast(recent.count - recentMost) }
        let replayCount = Int((Double(recent.count) * rules.replayShare / (1 - rules.replayShare)).rounded(.up))
        let near = collapsed(teaching.filter { !$0.isRecent && $0.isNear })
        let far = collapsed(teaching.filter { !$0.isRecent && !$0.isNear })
        var replay = Self.replay(near, far, count: replayCount)
        Self.balance(&replay, against: recent, share: rules.replayShare)
        report.undesirable = undesirable.count
        return recent + replay + undesirable.map(\.row)
    }

    /// `count` rows, half of each list as far as it reaches; of these one half as they came, the other where answers are
    /// rare.
    private static func replay(_ near: [Row], _ far: [Row], count: Int) -> [Row] {
        let fromNear = min(near.count, max(count - count / 2, count - far.count))
        return [(near, fromNear), (far, count - fromNear)].flatMap { rows, count in
            let asTheyCame = Array(rows.prefix(count - count / 2))
            return asTheyCame + rarest(rows.dropFirst(asTheyCame.count), beside: asTheyCame, count: count / 2)
        }
    }

    /// `count` rows, each time one of an answer that the fewest rows have by then. A training loses first the answers that
    /// hardly any replayed row gives: new ones that sound alike take their place.
    private static func rarest(_ rows: ArraySlice<Row>, beside chosen: [Row], count: Int) -> [Row] {
        var held: [String: Int] = [:]
        for row in chosen { held[row.example.answer, default: 0] += 1 }
        var answers: [String] = []
        var waiting: [String: [Row]] = [:]
        for row in rows {
            if waiting[row.example.answer] == nil { answers.append(row.example.answer) }
            waiting[row.example.answer, default: []].append(row)
        }
        var result: [Row] = []
        var level = 0
        var taken: [String: Int] = [:]
        while result.count < count, !answers.isEmpty {
            for answer in answers where held[answer, default: 0] == level && result.count < count {
                let place = taken[answer, default: 0]
                guard let row = waiting[answer]?[place] else { continue }
                result.append(row)
                taken[answer] = place + 1
                held[answer, default: 0] += 1
            }
            answers.removeAll { taken[$0, default: 0] >= waiting[$0]?.count ?? 0 }
            level += 1
        }
        return result
    }

    /// Raises the weights of replayed rows until they hold their share of the loss, at most by a fixed factor: recent
    /// corrections and common phrases count several times, and would outweigh as many old rows.
    private static func balance(_ replay: inout [Row], against recent: [Row], share: Double) {
        let recentWeight = recent.reduce(0) { $0 + $1.example.weight }
        let replayWeight = replay.reduce(0) { $0 + $1.example.weight }
        guard replayWeight > 0 else { return }
        let factor = recentWeight * share / (1 - share) / replayWeight
        let bounded = min(TrainingDataRules.largestReplayFactor, max(1, factor))
        for index in replay.indices { replay[index].example.weight *= bounded }
    }

    /// One row for identical ones. `keepingDuplicates` keeps each for itself: the gate counts answers, not texts.
    private mutating func collapsed(_ candidates: [Candidate], keepingDuplicates: Bool = false) -> [Row] {
        if keepingDuplicates { return candidates.map(\.row) }
        var positions: [String: Int] = [:]
        var multiplicities: [Int] = []
        var rows: [Row] = []
        for candidate in candidates {
            let key = candidate.text
            guard let position = positions[key] else {
                positions[key] = rows.count
                multiplicities.append(1)
                rows.append(candidate.row)
                continue
            }
            report.duplicates += 1
            if multiplicities[position] < TrainingDataRules.largestMultiplicity {
                multiplicities[position] += 1
                rows[position].example.weight += candidate.row.example.weight
            }
        }
        return rows
    }

    private mutating func finishReport() {
        report.train = train.count(where: \.example.desirable)
        report.replay = train.count(where: \.isReplay)
        report.trainCorrections = train.count { $0.isCorrection && !$0.isReplay }
        report.heldout = heldout.count
        report.heldoutCorrections = heldout.count(where: \.isCorrection)
        report.old = old.count
        let seen = Set(train.map { $0.example.messages.map(\.content) })
        report.heldoutSeenInTraining = heldout.count { seen.contains($0.example.messages.map(\.content)) }
    }
}

/// A rated interaction that may become a row.
private struct Candidate {
    var row: TrainingData.Row
    var isRecent: Bool
    /// Old, but of the last weeks before.
    var isNear: Bool
    var isBad: Bool
    var isMostlyRedacted: Bool
    var rater: String
    /// Messages and answer as one text, to find identical rows.
    var text: String
    /// Seeded order, in which caps choose.
    var order: Double

    init?(_ rated: RatedInteraction, rules: TrainingDataRules) {
        let logged = rated.interaction.logged
        let interaction = logged.interaction
        guard let response = interaction.response, let verdict = Verdict(rated, rules: rules) else { return nil }
        var messages: [TrainingExample.Message] = []
        for message in interaction.messages {
            guard case .text(let text) = message.content else { return nil }
            messages.append(TrainingExample.Message(role: message.role, content: text))
        }
        let answer = verdict.correction ?? response
        let redacted = verdict.correction == nil ? logged.redactedResponse : verdict.redactedCorrection
        guard !answer.isEmpty, !messages.isEmpty else { return nil }
        let scalars = answer.unicodeScalars.count
        let hidden = redacted.reduce(0) { $0 + $1.count }
        isMostlyRedacted = hidden * 2 > scalars
        isRecent = interaction.time >= rules.recentFrom
        isNear = interaction.time >= rules.nearFrom
        isBad = verdict.isBad
        rater = verdict.rater
        let unit = interaction.unit ?? "no-unit:" + logged.record
        row = TrainingData.Row(
            example: TrainingExample(
                record: logged.record, unit: unit, messages: messages, answer: answer, weight: 1,
                desirable: !verdict.isBad || verdict.correction != nil,
                redacted: redacted.map { [$0.lowerBound, $0.upperBound] }),
            interaction: interaction.id, rating: verdict.rating, isReplay: !isRecent,
            isCorrection: verdict.correction != nil)
        text = messages.map { "\($0.role)\u{1}\($0.content)" }.joined(separator: "\u{2}") + "\u{3}" + answer
        order = StableHash.uniform(logged.record, salt: "order", seed: rules.seed)
    }
}

/// What the counting ratings of an interaction say together.
private struct Verdict {
    var isBad: Bool
    var correction: String?
    var redactedCorrection: [Range<Int>] = []
    var rating: String
    var rater: String

    init?(_ rated: RatedInteraction, rules: TrainingDataRules) {
        let counting = rated.ratings.filter { $0.logged.rating.scale == rules.goal }
        guard let scale = rules.scales[rules.goal], let last = counting.max(by: { Self.isEarlier($0, $1) }) else {
            return nil
        }
        let good = counting.count { scale.isGood($0.logged.rating.value) }
        let bad = counting.count { scale.isBad($0.logged.rating.value) }
        let corrected = counting.filter { $0.logged.rating.correction != nil }.max { Self.isEarlier($0, $1) }
        guard good != bad || corrected != nil else { return nil }
        isBad = bad >= good
        let decisive = corrected ?? last
        if let text = corrected?.logged.rating.correction {
            correction = text
            redactedCorrection = corrected?.logged.redactedCorrection ?? []
        }
        rating = decisive.logged.rating.id
        rater = decisive.logged.rating.rater ?? rated.interaction.logged.interaction.unit ?? "nobody"
    }

    private static func isEarlier(_ left: StoredRating, _ right: StoredRating) -> Bool {
        (left.logged.rating.time, left.sequence) < (right.logged.rating.time, right.sequence)
    }
}
