import Values

/// Ids of records, which stand in paths, logs and keys.
package enum Identifier {
    /// What is wrong with it, to follow the field's name; nil where nothing is.
    package static func problem(_ text: String) -> String? {
        if text.isEmpty { return "is empty; leave it out or give it a value." }
        let hasSpace = text.unicodeScalars.contains { $0.properties.generalCategory == .spaceSeparator }
        if hasSpace || text.holdsInvisible {
            return "holds a space or an invisible character; use letters, digits and signs only."
        }
        return nil
    }
}
