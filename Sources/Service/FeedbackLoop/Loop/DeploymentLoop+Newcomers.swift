package import Experimentation
import Settings
package import Store
import Traffic
import Values

/// What an experiment that begins now does with those who were not there before.
extension DeploymentLoop {
    /// Whether it decides on those alone who are there already. By itself it does where of the units rated in the last week
    /// at most a tenth were new in it, so that little is lost. Else how many newcomers may come to rate within six hours
    /// without being set aside; nil where that is not asked for, or too few were rated in the last week to tell what is usual.
    func newcomers(at now: Timestamp) async throws -> (areAside: Bool, limits: BurstLimits?) {
        let settings = context.deployment.experiment
        guard settings.newcomers != .aside else { return (true, nil) }
        guard settings.newcomers == .auto || settings.bursts == .auto else { return (false, nil) }
        let week = context.settings.scaled(.seconds(7 * 86_400))
        let rated = try await context.store.ratedUnits(deployment: name, since: now.advanced(bySeconds: -week))
        guard rated.count >= 2 * settings.burnInUnits else { return (false, nil) }
        if settings.newcomers == .auto, Double(rated.newcomers) <= 0.1 * Double(rated.count) { return (true, nil) }
        guard settings.bursts == .auto else { return (false, nil) }
        let arrivals = try await context.store.newcomersByHour(
            deployment: name, before: now, hours: BurstLimits.hoursBefore,
            hourSeconds: context.settings.scaled(.seconds(86_400)) / Double(BurstLimits.hoursOfDay),
            except: try await crowd(since: now.advanced(bySeconds: -week), at: now))
        return (false, BurstLimits(arrivals: arrivals))
    }

    /// Newcomers since some time who came in bursts that experiments set aside: they do not make usual what they did, or each crowd
    /// would let a larger one in. Where they came on four days or more it is no crowd, but growth: nobody then. An experiment that
    /// sets all newcomers aside has no limits of its own: it is taken to have had those of the week before it.
    private func crowd(since from: Timestamp, at now: Timestamp) async throws -> Set<String> {
        let day = context.settings.scaled(.seconds(86_400))
        var crowd: Set<String> = []
        var days: Set<Int> = []
        for record in try await context.store.experiments(deployment: name)
        where record.ended.map({ $0 > from }) ?? true {
            let design = try StrictJSON.decode(ExperimentDesign.self, from: record.design, ignoringUnknownFields: true)
            var limits = design.burstLimits
            if design.setsNewcomersAside {
                limits = BurstLimits(
                    arrivals: try await context.store.newcomersByHour(
                        deployment: name, before: record.started, hours: BurstLimits.hoursBefore,
                        hourSeconds: day / Double(BurstLimits.hoursOfDay)))
            }
            guard let limits else { continue }
            var arrivals = try await arrivals(of: record, design, limits: limits)
            // What it did not live to see: whoever waited at its last look.
            _ = arrivals.look(at: now.seconds(since: record.started))
            for (newcomer, seconds) in arrivals.aside {
                let since = record.started.advanced(bySeconds: seconds).seconds(since: from)
                guard since >= 0 else { continue }
                crowd.insert(newcomer)
                days.insert(Int(since / day))
            }
        }
        return days.count < Self.daysOfGrowth ? crowd : []
    }

    private static let daysOfGrowth = 4

    /// How many ratings and requests of a person count on a day, where that is left to the week before.
    func limitDays(of design: inout ExperimentDesign, at now: Timestamp) async throws {
        let settings = context.deployment.experiment
        let day = context.settings.scaled(.seconds(86_400))
        if settings.requestsPerUnitPerDay == .auto {
            let busiest = try await context.store.busiestDaysOfRequests(
                deployment: name, from: now.advanced(bySeconds: -7 * day), until: now, daySeconds: day)
            design.requestsPerUnitPerDay = DailyLimits.limit(busiest, within: DailyLimits.requests)
        }
        guard settings.ratingsPerRaterPerDay == .auto || settings.ratingsPerUnitPerDay == .auto else { return }
        let busiest = try await context.store.busiestDays(
            deployment: name, scale: goalScale.name, from: now.advanced(bySeconds: -7 * day), until: now,
            daySeconds: day)
        if settings.ratingsPerRaterPerDay == .auto {
            design.ratingsPerRaterPerDay = DailyLimits.limit(busiest.raters, within: DailyLimits.ratings)
        }
        if settings.ratingsPerUnitPerDay == .auto {
            design.ratingsPerUnitPerDay = DailyLimits.limit(busiest.units, within: DailyLimits.ratings)
        }
    }

    /// Who came to rate between two positions of the log and was not there when the experiment began, enrolled or not, with the
    /// seconds since then.
    func newcomerRatings(
        of record: ExperimentRecord, from first: LogPosition, through last: LogPosition,
        _ arrive: (_ newcomer: String, _ receivedSeconds: Double) -> Void
    ) async throws {
        let store = context.store
        func add(_ page: [NewcomerRating]) {
            for rating in page {
                for newcomer in rating.newcomers { arrive(newcomer, rating.received.seconds(since: record.started)) }
            }
        }
        add(try await store.earlyNewcomerRatings(experiment: record.id, from: first, to: last))
        try await Self.pages(after: first.ratings) { sequence, limit in
            let page = try await store.newcomerRatings(
                experiment: record.id, position: last, after: sequence, limit: limit)
            add(page)
            return page.map(\.sequence)
        }
    }

    /// What became of the newcomers by the last look; nil where it does not matter when they come.
    package func arrivals(
        of record: ExperimentRecord, _ design: ExperimentDesign
    ) async throws -> NewcomerArrivals? {
        guard !design.setsNewcomersAside, let limits = design.burstLimits else { return nil }
        return try await arrivals(of: record, design, limits: limits)
    }

    private func arrivals(
        of record: ExperimentRecord, _ design: ExperimentDesign, limits: BurstLimits
    ) async throws -> NewcomerArrivals {
        var arrivals = NewcomerArrivals(
            limits: limits, hourSeconds: design.daySeconds / Double(BurstLimits.hoursOfDay))
        var position = record.began
        for look in try await context.store.looks(experiment: record.id) {
            try await newcomerRatings(of: record, from: position, through: look.position.log) { name, seconds in
                _ = arrivals.arrive(name, at: seconds)
            }
            _ = arrivals.look(at: look.time.seconds(since: record.started))
            position = look.position.log
        }
        return arrivals
    }
}
