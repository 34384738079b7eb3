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

/// An arm as a number: 0 `incumbent`, 1 `candidate`. The schema refuses any other.
struct ArmColumn: DatabaseValueConvertible {
    private static let names = ["incumbent", "candidate"]

    var name: String

    init(_ name: String) { self.name = name }

    var databaseValue: DatabaseValue {
        Self.names.firstIndex(of: name)?.databaseValue ?? name.databaseValue
    }

    static func fromDatabaseValue(_ value: DatabaseValue) -> ArmColumn? {
        guard let index = Int.fromDatabaseValue(value), names.indices.contains(index) else { return nil }
        return ArmColumn(names[index])
    }
}

/// A share from 0 to 1: an integer counts ten-thousandths, where that is exact; any other share is a real number.
struct ShareColumn: DatabaseValueConvertible {
    private static let parts = 10_000.0

    var share: Double

    init(_ share: Double) { self.share = share }

    var databaseValue: DatabaseValue {
        let count = (share * Self.parts).rounded()
        guard (0...Self.parts).contains(count), count / Self.parts == share else { return share.databaseValue }
        return Int64(count).databaseValue
    }

    static func fromDatabaseValue(_ value: DatabaseValue) -> ShareColumn? {
        switch value.storage {
        case .int64(let count): ShareColumn(Double(count) / parts)
        case .double(let share): ShareColumn(share)
        default: nil
        }
    }
}
