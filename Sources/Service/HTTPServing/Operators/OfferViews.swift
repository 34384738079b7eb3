import API
import FeedbackLoop

extension TermsView {
    init(_ terms: ComparisonTerms) {
        self.init(
            comparison: Comparison(rawValue: terms.kind.rawValue) ?? .superiority, minimumEffect: terms.minimumEffect,
            margin: terms.margin)
    }
}

extension ComparisonTerms {
    init(_ view: TermsView) {
        self.init(
            kind: Kind(rawValue: view.comparison.rawValue) ?? .superiority, minimumEffect: view.minimumEffect,
            margin: view.margin)
    }
}

extension OfferView {
    init(_ offer: ComparisonOffer, deployment: String) {
        var command = "retunectl cycles approve --deployment \(deployment) --as \(offer.terms.kind.rawValue)"
        if let effect = offer.terms.minimumEffect { command += " --minimum-effect \(effect)" }
        if let margin = offer.terms.margin { command += " --margin \(margin)" }
        self.init(terms: TermsView(offer.terms), days: offer.days, detail: offer.detail, command: command)
    }
}
