import Glibc
import Statistics

/// How a unit's ratings fall.
enum ScoreLaw: Sendable {
    /// Good with a chance; two ratings of a unit have the correlation `likeness` (a beta-distributed share for each unit).
    case share(Double, likeness: Double)
    /// exp(σ x); of the variance of x a part `likeness` belongs to the unit.
    case logNormal(sigma: Double, likeness: Double)
    /// Student's t with 3 degrees of freedom, a part of it the unit's.
    case student(likeness: Double)

    var name: String {
        switch self {
        case .share(let mean, let likeness): "share \(mean), alike \(likeness)"
        case .logNormal(let sigma, let likeness): "log-normal mean, σ = \(sigma), alike \(likeness)"
        case .student(let likeness): "Student's t mean, 3 degrees, alike \(likeness)"
        }
    }

    var mean: Double {
        switch self {
        case .share(let mean, _): mean
        case .logNormal(let sigma, _): exp(sigma * sigma / 2)
        case .student: 0
        }
    }

    /// What is the unit's own.
    func trait(_ generator: inout SeededGenerator, effect: Double) -> Double {
        switch self {
        case .share(let mean, let likeness):
            let share = mean + effect
            guard likeness > 0 else { return share }
            let weight = 1 / likeness - 1
            return generator.beta(share * weight, (1 - share) * weight)
        case .logNormal: return generator.normal()
        case .student: return generator.student3()
        }
    }

    func score(_ trait: Double, _ generator: inout SeededGenerator) -> Double {
        switch self {
        case .share: generator.chance(trait) ? 1 : 0
        case .logNormal(let sigma, let likeness):
            exp(sigma * (likeness.squareRoot() * trait + (1 - likeness).squareRoot() * generator.normal()))
        case .student(let likeness):
            likeness.squareRoot() * trait + (1 - likeness).squareRoot() * generator.student3()
        }
    }
}

extension SeededGenerator {
    /// Student's t with 3 degrees of freedom: a normal over the root of χ²₃ ÷ 3.
    mutating func student3() -> Double {
        let (a, b, c) = (normal(), normal(), normal())
        return normal() / ((a * a + b * b + c * c) / 3).squareRoot()
    }
}

/// Units of two arms, and the order in which their ratings come.
struct RatedUnits {
    private(set) var isCandidate: [Bool] = []
    private(set) var traits: [Double] = []
    /// The unit of each rating, in order.
    private(set) var order: [Int32] = []
    var generator: SeededGenerator

    /// - Parameters:
    ///   - effect: added to the candidate's share.
    ///   - most: ratings of a unit: uniform from 1 to so many.
    init(units: Int, law: ScoreLaw, effect: Double = 0, most: Int, seed: UInt64, run: Int) {
        generator = SeededGenerator.stream(seed: seed, index: UInt64(run))
        var events: [(time: Double, unit: Int32)] = []
        for unit in 0..<units {
            isCandidate.append(generator.chance(0.5))
            traits.append(law.trait(&generator, effect: isCandidate[unit] ? effect : 0))
            let start = generator.uniform()
            let more = most > 1 ? generator.index(below: most) : 0
            events.append((start, Int32(unit)))
            for _ in 0..<more { events.append((start + 1.5 * generator.uniform(), Int32(unit))) }
        }
        order = events.sorted { $0.time < $1.time }.map(\.unit)
    }
}
