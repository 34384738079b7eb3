import Glibc

/// A file that could not be read or written.
struct FileError: Error, CustomStringConvertible {
    var action: String
    var path: String
    var code: Int32

    var description: String {
        let reason = unsafe String(cString: strerror(code))
        return "Cannot \(action) \(path): \(reason)."
    }
}
