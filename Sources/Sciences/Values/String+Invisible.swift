extension String {
    /// Whether it holds what nobody sees and what breaks lines of a log or of a table: control and format characters, line and
    /// paragraph separators, and code points that are no character.
    package var holdsInvisible: Bool {
        unicodeScalars.contains {
            switch $0.properties.generalCategory {
            case .control, .format, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
    }
}
