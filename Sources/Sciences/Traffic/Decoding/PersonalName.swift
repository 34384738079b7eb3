import Values

/// The names that applications give to people and conversations, which are only ever stored as pseudonyms. Wherever one comes
/// in (posted records, the gateway, OpenFeature) the same is refused, since a name that differs by what nobody sees is
/// another person.
package enum PersonalName {
    /// What is wrong with it, to follow the field's name; nil where nothing is. Spaces between words are its own.
    package static func problem(_ text: String) -> String? {
        if text.isEmpty { return "is empty; leave it out or give it a value." }
        if text.holdsInvisible || text.first?.isWhitespace == true || text.last?.isWhitespace == true {
            return "holds an invisible character, or begins or ends with a space; leave that out."
        }
        return nil
    }
}
