import API
import ArgumentParser

struct CycleApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Let a cycle that waits for a person go on, or the step of its ramp that does.",
        discussion:
            "Where an experiment as configured would take too long, `cycles show` lists what can be chosen instead.")

    @OptionGroup var action: ActionOptions
    @Argument(help: "The cycle; by default the one under way.")
    var cycle: String?

    @Option(
        name: .customLong("as"),
        help: "How the candidate is compared: superiority, nonInferiority or shadow; by default as configured.")
    var comparison: TermsView.Comparison?
    @Option(
        parsing: .unconditional,
        help: "superiority: the smallest difference worth a promotion, as a share of the goal's scale.")
    var minimumEffect: Double?
    @Option(
        parsing: .unconditional,
        help: "nonInferiority: by how much it may be worse at most, as a share of the goal's scale.")
    var margin: Double?

    func validate() throws {
        guard minimumEffect == nil || comparison == .superiority else {
            throw ValidationError("--minimum-effect belongs to --as superiority")
        }
        guard margin == nil || comparison == .nonInferiority else {
            throw ValidationError("--margin belongs to --as nonInferiority")
        }
    }

    func run() async throws {
        let terms = comparison.map { TermsView(comparison: $0, minimumEffect: minimumEffect, margin: margin) }
        try await action.perform(.approve, cycle: cycle, terms: terms, ofCycle: true)
    }
}

extension TermsView.Comparison: ExpressibleByArgument {}
