import Crypto
import DurableFiles
import Foundation
import Settings
import Traffic

/// Where the keys of the pseudonyms come from.
enum KeyFile {
    /// The configured file, else systemd's credential, else a file in the state folder, which is made once.
    static func keys(_ settings: Settings) throws -> PseudonymKeys {
        let credentials = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"].map { "\($0)/pseudonym-keys" }
        let own = "\(settings.stateDirectory)/pseudonym-keys"
        let path: String
        if !settings.pseudonymKeys.isEmpty {
            path = settings.pseudonymKeys
        } else if let credentials, DurableFiles.exists(credentials) {
            path = credentials
        } else {
            if !DurableFiles.exists(own) {
                let secret = unsafe SymmetricKey(size: .bits256).withUnsafeBytes { unsafe Array($0) }
                try DurableFiles.write(Array(PseudonymKeys.credential(id: "k1", secret: secret).utf8), to: own)
            }
            path = own
        }
        let bytes: [UInt8]
        do {
            bytes = try DurableFiles.read(path)
        } catch {
            throw PseudonymKeyError(reason: "\(error)")
        }
        return try PseudonymKeys(credential: String(decoding: bytes, as: UTF8.self))
    }
}
