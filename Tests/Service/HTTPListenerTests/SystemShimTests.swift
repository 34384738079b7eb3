import CLinux
import CZlib
import Glibc
import Locking
import Testing

@Suite("System: lock, gzip, Linux")
struct SystemShimTests {
    @Test("A lock loses no update")
    func lock() async {
        let count = Locked(0)
        await withDiscardingTaskGroup { tasks in
            for _ in 0..<8 {
                tasks.addTask { for _ in 0..<10_000 { count.withLock { $0 += 1 } } }
            }
        }
        #expect(count.withLock { $0 } == 80_000)
    }

    @Test("gzip in memory: there and back, too large, cut, damaged")
    func gzip() {
        let input = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7) }
        var packed = [UInt8](repeating: 0, count: zlib_gzip_bound(input.count))
        var packedCount = 0
        #expect(unsafe zlib_gzip(input, input.count, 6, &packed, packed.count, &packedCount) == ZLIB_DONE)
        packed.removeSubrange(packedCount...)
        var output = [UInt8](repeating: 0, count: input.count)
        var count = 0
        #expect(unsafe zlib_gunzip(packed, packed.count, &output, output.count, &count) == ZLIB_DONE)
        #expect(output == input)
        #expect(unsafe zlib_gunzip(packed, packed.count, &output, output.count - 1, &count) == ZLIB_TOO_LARGE)
        #expect(unsafe zlib_gunzip(packed, packed.count - 1, &output, output.count, &count) == ZLIB_TRUNCATED)
        packed[packed.count / 2] ^= 0xff
        #expect(unsafe zlib_gunzip(packed, packed.count, &output, output.count, &count) != ZLIB_DONE)
    }

    @Test("gzip files are read to their end, plain ones as they are, cut ones are told")
    func gzipFile() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/other"
        let input = Array(String(repeating: "line\n", count: 50_000).utf8)
        var packed = [UInt8](repeating: 0, count: zlib_gzip_bound(input.count))
        var packedCount = 0
        #expect(unsafe zlib_gzip(input, input.count, 6, &packed, packed.count, &packedCount) == ZLIB_DONE)
        packed.removeSubrange(packedCount...)
        func readAll(_ content: [UInt8]) throws -> (bytes: [UInt8], last: Int64) {
            let descriptor = unsafe open(path, O_CREAT | O_TRUNC | O_WRONLY, 0o600)
            #expect(unsafe write(descriptor, content, content.count) == content.count)
            close(descriptor)
            var error: Int32 = 0
            let file = try unsafe #require(unsafe zlib_file_open(path, &error))
            defer { unsafe zlib_file_close(file) }
            var bytes: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 10_000)
            while true {
                let count = unsafe zlib_file_read(file, &piece, piece.count)
                if count <= 0 { return (bytes, count) }
                bytes += piece[..<Int(count)]
            }
        }
        #expect(try readAll(packed) == (input, 0))
        #expect(try readAll(input) == (input, 0))
        #expect(try readAll(Array(packed.dropLast(4))).last == -1)
        var error: Int32 = 0
        #expect(unsafe zlib_file_open(folder.path + "/missing", &error) == nil)
        #expect(error == ENOENT)
    }

    @Test("Renaming durably, without replacing; memory and descriptors")
    func linux() throws {
        let folder = try TemporaryFolder()
        let (one, two) = (folder.path + "/socket", folder.path + "/other")
        close(unsafe open(one, O_CREAT | O_WRONLY, 0o600))
        #expect(unsafe linux_rename_durably(one, two) == 0)
        #expect(unsafe linux_rename_durably(one, two) == ENOENT)
        close(unsafe open(one, O_CREAT | O_WRONLY, 0o600))
        #expect(unsafe linux_rename_without_replacing(one, two) == EEXIST)
        #expect(linux_resident_bytes() > 1_000_000)
        #expect(linux_is_listening_socket(0) == 0)
        #expect(linux_set_parent_death_signal(0, getppid()) == 0)
        #expect(linux_set_parent_death_signal(0, -5) == ESRCH)
    }
}
