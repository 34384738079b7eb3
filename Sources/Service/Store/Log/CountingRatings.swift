import Traffic
import Values

/// Which of an interaction's ratings count: of each rater on each scale the latest by time, then by arrival. A rating
/// without a rater is the interaction's unit's own.
enum CountingRatings {
    private struct Key: Hashable {
        var rater: String?
        var scale: String?
    }

    /// `ratings` in any order; the result is in order of arrival.
    static func select(_ ratings: [StoredRating], unit: String?) -> [StoredRating] {
        if ratings.count < 2 { return ratings }
        var latest: [Key: StoredRating] = [:]
        for rating in ratings {
            let key = Key(rater: rating.logged.rating.rater ?? unit, scale: rating.logged.rating.scale)
            if let other = latest[key],
                (other.logged.rating.time, other.sequence) > (rating.logged.rating.time, rating.sequence)
            {
                continue
            }
            latest[key] = rating
        }
        return latest.values.sorted { $0.sequence < $1.sequence }
    }
}
