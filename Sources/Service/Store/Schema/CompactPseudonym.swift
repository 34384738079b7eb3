import Foundation
import GRDB
import Traffic

/// A pseudonym as it stands in columns that have to be small. The 32 hexadecimal digits that `PseudonymKeys` writes are a
/// blob of 16 bytes; any other text is text, unchanged. So a pseudonym has one form only, and each form is one pseudonym's.
package struct CompactPseudonym: Equatable, Sendable {
    package static let byteCount = 16

    package let text: String

    package init(_ text: String) { self.text = text }

    /// Nil: there are not 16.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        text = Hexadecimal.text(of: bytes)
    }

    /// The 16 bytes; nil: it stays text.
    package var bytes: [UInt8]? {
        guard text.utf8.count == 2 * Self.byteCount else { return nil }
        return Hexadecimal.bytes(of: text)
    }
}

extension CompactPseudonym: DatabaseValueConvertible {
    var databaseValue: DatabaseValue { bytes.map { Data($0).databaseValue } ?? text.databaseValue }

    static func fromDatabaseValue(_ value: DatabaseValue) -> CompactPseudonym? {
        switch value.storage {
        case .blob(let data): CompactPseudonym(bytes: data)
        case .string(let text): CompactPseudonym(text)
        default: nil
        }
    }
}

/// In queries only: nothing in the schema may need a function that other programs do not have.
extension CompactPseudonym {
    /// The compact form of a text, for lookups in a compact column; what is no text stays what it is. On every connection.
    static let function = DatabaseFunction("compact_pseudonym", argumentCount: 1, pure: true) { values in
        guard case .string(let text) = values[0].storage else { return values[0] }
        return CompactPseudonym(text)
    }

    /// SQL of the text that stands compact in a column.
    static func text(ofColumn column: String) -> String {
        "CASE typeof(\(column)) WHEN 'blob' THEN lower(hex(\(column))) ELSE \(column) END"
    }
}
