import CLinux

/// A listening socket that a service manager opened and passed on (systemd's socket activation, sd_listen_fds(3)).
package struct InheritedSocket: Sendable, Hashable {
    package var descriptor: Int32
    /// `FileDescriptorName=` of the socket unit; `unknown` where none was given.
    package var name: String

    package init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// The sockets that `environment` announces for the process `process`; none when the variables are absent or meant
    /// for another process. The descriptors are marked close-on-exec, so that children do not hold them.
    ///
    /// Throws ``ListenerError/inheritedSockets(_:)`` when the variables contradict themselves or a descriptor is not a
    /// listening stream socket.
    package static func announced(
        in environment: [String: String], process: Int32
    ) throws(ListenerError) -> [InheritedSocket] {
        guard let identifier = environment["LISTEN_PID"], let count = environment["LISTEN_FDS"] else { return [] }
        guard let identifier = Int32(identifier) else {
            throw .inheritedSockets("LISTEN_PID is “\(identifier)”, which is not a process id")
        }
        guard identifier == process else { return [] }
        guard let count = Int32(count), (0...1024).contains(count) else {
            throw .inheritedSockets("LISTEN_FDS is “\(count)”, which is not a number of descriptors")
        }
        var names: [String] = []
        if let list = environment["LISTEN_FDNAMES"] {
            names = list.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard names.count == Int(count) else {
                throw .inheritedSockets("LISTEN_FDNAMES has \(names.count) names for \(count) descriptors")
            }
        }
        var sockets: [InheritedSocket] = []
        for index in 0..<count {
            let descriptor = firstDescriptor + index
            guard linux_is_listening_socket(descriptor) == 1 else {
                throw .inheritedSockets("descriptor \(descriptor) is not a listening stream socket")
            }
            _ = linux_set_close_on_exec(descriptor, 1)
            sockets.append(.init(descriptor: descriptor, name: names.isEmpty ? "unknown" : names[Int(index)]))
        }
        return sockets
    }

    /// SD_LISTEN_FDS_START.
    private static let firstDescriptor: Int32 = 3
}
