import Foundation
import GRDB
import Traffic
import Values

/// How the store's types stand in columns.
extension Timestamp: DatabaseValueConvertible {
    var databaseValue: DatabaseValue { milliseconds.databaseValue }

    static func fromDatabaseValue(_ value: DatabaseValue) -> Timestamp? {
        Int64.fromDatabaseValue(value).map(Timestamp.init(milliseconds:))
    }
}

/// A blob.
struct Blob: DatabaseValueConvertible {
    var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var databaseValue: DatabaseValue { Data(bytes).databaseValue }

    static func fromDatabaseValue(_ value: DatabaseValue) -> Blob? {
        Data.fromDatabaseValue(value).map { Blob(Array($0)) }
    }
}

/// A JSON value as text in its compact form.
struct JSONColumn: DatabaseValueConvertible {
    var value: JSONValue

    init(_ value: JSONValue) { self.value = value }

    var databaseValue: DatabaseValue { String(decoding: value.serialized, as: UTF8.self).databaseValue }

    static func fromDatabaseValue(_ value: DatabaseValue) -> JSONColumn? {
        guard let text = String.fromDatabaseValue(value),
            let parsed = try? JSONValue(parsing: Array(text.utf8), limits: JSONLimits(maximumDepth: 512))
        else { return nil }
        return JSONColumn(parsed)
    }
}
