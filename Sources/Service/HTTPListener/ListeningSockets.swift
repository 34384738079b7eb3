import CLinux
import Glibc

/// Opens the sockets of a configuration.
enum ListeningSockets {
    /// All of `addresses`, in their order (a host name may stand for several), or none.
    static func opened(at addresses: [ListenAddress]) throws(ListenerError) -> [ListeningSocket] {
        var sockets: [ListeningSocket] = []
        do throws(ListenerError) {
            for address in addresses {
                switch address {
                case .tcp(let host, let port): sockets.append(try tcp(host: host, port: port))
                case .unix(let path, let mode): sockets.append(try unix(path: path, mode: mode))
                case .inherited(let descriptor): sockets.append(try inherited(descriptor))
                }
            }
        } catch {
            for socket in sockets {
                close(socket.descriptor)
                socket.removeFile()
            }
            throw error
        }
        return sockets
    }

    private static let backlog: Int32 = 1024

    private static func tcp(host: String, port: Int) throws(ListenerError) -> ListeningSocket {
        let address = ListenAddress.tcp(host: host, port: port)
        guard (0...65_535).contains(port) else { throw .bind(address, reason: "\(port) is not a port") }
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = streamType
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard code == 0, let first = unsafe list else {
            throw .bind(address, reason: unsafe "\(host) is no host: \(String(cString: gai_strerror(code)))")
        }
        defer { unsafe freeaddrinfo(first) }
        let descriptor = try unsafe opened(family: first.pointee.ai_family, address)
        var enabled: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &enabled, socklen_t(MemoryLayout<Int32>.size))
        let bound = unsafe bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen)
        guard bound == 0, Glibc.listen(descriptor, backlog) == 0 else {
            let code = errno
            close(descriptor)
            throw .bind(address, reason: message(code))
        }
        return ListeningSocket(descriptor: descriptor, isUnix: false, file: nil)
    }

    private static func unix(path: String, mode: UInt16) throws(ListenerError) -> ListeningSocket {
        let address = ListenAddress.unix(path: path, mode: mode)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: name.sun_path)
        guard !bytes.isEmpty, bytes.count < room, !bytes.contains(0) else {
            throw .bind(address, reason: "the path has \(bytes.count) bytes; 1 to \(room - 1) are possible")
        }
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: bytes) }
        try removeStale(name, path: path, address)
        let descriptor = try opened(family: AF_UNIX, address)
        // The file comes into being with the socket's own mode, so that nobody gets in before the mode is right.
        fchmod(descriptor, 0o600)
        let bound = unsafe withUnsafePointer(to: name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else {
            let code = errno
            close(descriptor)
            throw .bind(address, reason: message(code))
        }
        guard unsafe chmod(path, mode_t(mode)) == 0, Glibc.listen(descriptor, backlog) == 0 else {
            let code = errno
            close(descriptor)
            _ = unsafe unlink(path)
            throw .bind(address, reason: message(code))
        }
        let file = ListeningSocket.identity(of: path).map { (path: path, device: $0.device, inode: $0.inode) }
        return ListeningSocket(descriptor: descriptor, isUnix: true, file: file)
    }

    /// Removes the socket file of a process that has gone; a live one, or another kind of file, is an error.
    private static func removeStale(
        _ name: sockaddr_un, path: String, _ address: ListenAddress
    ) throws(ListenerError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw .bind(address, reason: "there is a file that is not a socket; remove it or choose another path")
        }
        let probe = try opened(family: AF_UNIX, address)
        defer { close(probe) }
        let connected = unsafe withUnsafePointer(to: name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(probe, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected != 0, errno == ECONNREFUSED else {
            throw .bind(address, reason: "another process listens there")
        }
        _ = unsafe unlink(path)
    }

    private static func inherited(_ descriptor: Int32) throws(ListenerError) -> ListeningSocket {
        guard linux_is_listening_socket(descriptor) == 1 else {
            throw .bind(.inherited(descriptor: descriptor), reason: "it is not a listening stream socket")
        }
        var name = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        _ = unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        return ListeningSocket(
            descriptor: descriptor, isUnix: Int32(name.ss_family) == AF_UNIX, file: nil)
    }

    private static let streamType = Int32(SOCK_STREAM.rawValue)

    private static func opened(family: Int32, _ address: ListenAddress) throws(ListenerError) -> Int32 {
        let descriptor = socket(family, streamType | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .bind(address, reason: message(errno)) }
        return descriptor
    }

    private static func message(_ code: Int32) -> String {
        switch code {
        case EADDRINUSE: "the address is in use; stop the other process or choose another address"
        case EACCES: "permission denied; choose a port above 1023 or a folder that can be written to"
        case EADDRNOTAVAIL: "this machine does not have that address"
        default: unsafe String(cString: strerror(code))
        }
    }
}
