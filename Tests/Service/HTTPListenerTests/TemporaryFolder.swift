import Glibc

/// A folder that goes away with its test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/listener-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw SomeError() }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in ["socket", "other"] { _ = unsafe unlink(path + "/" + name) }
        _ = unsafe rmdir(path)
    }
}
