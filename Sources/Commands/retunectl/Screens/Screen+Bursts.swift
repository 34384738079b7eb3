import API

extension Screen {
    /// In which hours newcomers came in a burst, and whose ratings wait for whether they did.
    static func bursts(_ view: ExperimentView) -> [String] {
        (view.bursts ?? []).map { burst in
            "burst, \(Figures.time(burst.from)) to \(Figures.time(burst.until)) UTC: "
                + "\(Figures.counted(burst.newcomers, "newcomer")) came to rate, more than is usual at that time of the day"
        }
            + view.arms.compactMap { arm in
                // What waited when it was decided never counted.
                (view.state == .decided ? nil : arm.waiting).map {
                    "waiting, \(arm.arm): \(Figures.counted($0.ratings, "rating")) of "
                        + "\(Figures.counted($0.rated, "unit")) by newcomers, until six hours show whether they came in a burst"
                }
            }
    }
}
