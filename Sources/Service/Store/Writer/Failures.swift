import GRDB

/// Translates SQLite's errors.
enum Failures {
    static func storeError(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        let reason = "\(error.extendedResultCode.rawValue): \(error.message ?? "no message")"
        switch error.resultCode {
        case .SQLITE_FULL:
            return StoreError.full
        case .SQLITE_IOERR:
            // The index of the write-ahead log could not grow: a full disk as well.
            if error.extendedResultCode == .SQLITE_IOERR_SHMSIZE { return StoreError.full }
            return StoreError.failed(reason: reason)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return StoreError.damaged(what: reason)
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PROTOCOL:
            return StoreError.failed(reason: reason)
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG:
            return StoreError.invalid(reason: reason)
        case .SQLITE_MISUSE where error.message == "Connection is closed":
            return StoreError.closed
        default:
            return error
        }
    }
}
