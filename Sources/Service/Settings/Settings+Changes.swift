extension Settings {
    /// Top-level keys that a reload puts in force; what else changes waits for a restart.
    package static let liveKeys: Set<String> = ["webhooks", "logLevel", "operatorGroups", "retention"]

    /// Paths of the keys that differ, such as `deployments[0].gate.margin`, in the order of the file. A list of sections
    /// that grew or shrank is named as a whole.
    package func changes(to other: Settings) -> [String] {
        Self.changes(from: self, to: other, path: "")
    }

    /// The top-level key of a path.
    package static func key(of path: String) -> String {
        String(path.prefix { $0 != "." && $0 != "[" })
    }

    /// These settings with the live keys of others.
    package func adoptingLiveKeys(of other: Settings) -> Settings {
        var settings = self
        settings.webhooks = other.webhooks
        settings.logLevel = other.logLevel
        settings.operatorGroups = other.operatorGroups
        settings.retention = other.retention
        return settings
    }

    /// The fields' names are the keys' names, so reflection finds every key, also those that are added later.
    private static func changes(from old: Any, to new: Any, path: String) -> [String] {
        if old is any SettingsSection {
            return zip(Mirror(reflecting: old).children, Mirror(reflecting: new).children).flatMap { left, right in
                changes(
                    from: left.value, to: right.value, path: (path.isEmpty ? "" : path + ".") + (left.label ?? ""))
            }
        }
        if let old = old as? [any SettingsSection], let new = new as? [any SettingsSection], old.count == new.count {
            return zip(old, new).enumerated().flatMap { index, pair in
                changes(from: pair.0, to: pair.1, path: "\(path)[\(index)]")
            }
        }
        return String(reflecting: old) == String(reflecting: new) ? [] : [path]
    }
}
