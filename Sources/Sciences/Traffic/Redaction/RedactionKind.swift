/// What redaction finds.
package enum RedactionKind: String, Sendable, CaseIterable, Hashable {
    case email, phone, card, iban, ip, ssn, myNumber

    /// What stands in the text instead.
    package var placeholder: String {
        switch self {
        case .email: "[EMAIL]"
        case .phone: "[PHONE]"
        case .card: "[CARD]"
        case .iban: "[IBAN]"
        case .ip: "[IP]"
        case .ssn: "[SSN]"
        case .myNumber: "[MYNUMBER]"
        }
    }
}
