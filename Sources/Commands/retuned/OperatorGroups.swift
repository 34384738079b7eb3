import Glibc

/// Who may operate over the Unix socket: root, the daemon's own user, and members of the configured groups.
struct OperatorGroups: Sendable {
    private let groups: [String]

    init(groups: [String]) {
        self.groups = groups
    }

    /// Asks the system's user database, so that a change of membership counts at once.
    func allows(user: UInt32, group: UInt32) -> Bool {
        if user == 0 || user == getuid() { return true }
        return groups.contains { name in
            guard let entry = unsafe getgrnam(name) else { return false }
            if unsafe entry.pointee.gr_gid == group { return true }
            guard let account = unsafe getpwuid(user), let member = unsafe account.pointee.pw_name,
                var members = unsafe entry.pointee.gr_mem
            else { return false }
            while let other = unsafe members.pointee {
                if unsafe strcmp(other, member) == 0 { return true }
                unsafe members += 1
            }
            return false
        }
    }
}
