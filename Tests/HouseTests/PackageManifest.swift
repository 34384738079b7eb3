import Foundation

/// What `Package.swift` says of targets and dependencies, read from its text as the file writes it.
struct PackageManifest {
    struct Target: Equatable {
        var name: String
        /// Folder below `Sources/`; nil for targets elsewhere.
        var floor: String?
        /// Our own targets that it depends on.
        var targets: Set<String>
        /// Products of other packages.
        var products: Set<String>
    }

    var targets: [String: Target] = [:]
    /// Packages with their versions.
    var packages: [String: String] = [:]
    /// System libraries' apt packages.
    var systemLibraries: Set<String> = []

    init() throws {
        try self.init(text: String(contentsOfFile: "Package.swift", encoding: .utf8))
    }

    init(text: String) throws {
        let code = text.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
        for match in code.matches(of: /\.package\(url: "[^"]*\/([^"\/]+)", exact: "([^"]+)"/) {
            packages[String(match.1)] = String(match.2)
        }
        var products: [String: Set<String>] = [:]
        for match in code.matches(of: /let (\w+) = Target\.Dependency\.product\(name: "(\w+)"/) {
            products[String(match.1)] = [String(match.2)]
        }
        for match in code.matches(of: /let (\w+): \[Target\.Dependency\] = \[((?:.|\n)*?)\n\]/) {
            var named = Set(match.2.matches(of: /product\(name: "(\w+)"/).map { String($0.1) })
            for word in match.2.split(whereSeparator: { !$0.isLetter }) {
                named.formUnion(products[String(word)] ?? [])
            }
            products[String(match.1)] = named
        }
        guard let start = code.range(of: "    targets: [") else { throw Unreadable() }
        let list = code[start.upperBound...]
        for match in list.matches(of: /room\(\s*"(\w+)",\s*"(\w+)"((?:[^()])*)\)/) {
            add(String(match.2), floor: String(match.1), String(match.3), products)
        }
        for match in list.matches(of: /shim\("(\w+)"([^()]*)\)/) {
            add(String(match.1), floor: "System", String(match.2), products)
        }
        for match in list.matches(of: /command\(\s*"([\w-]+)",([^()]*)\)/) {
            add(String(match.1), floor: "Commands", String(match.2), products)
        }
        for match in list.matches(of: /\.systemLibrary\(\s*name: "(\w+)"(?:.|\n)*?\.apt\(\["([^"]+)"\]\)/) {
            add(String(match.1), floor: "System", "", products)
            systemLibraries.insert(String(match.2))
        }
    }

    struct Unreadable: Error {}

    private mutating func add(_ name: String, floor: String, _ list: String, _ products: [String: Set<String>]) {
        let own = Set(list.matches(of: /"([\w-]+)"/).map { String($0.1) })
        var foreign: Set<String> = []
        for word in list.replacing(/"[^"]*"/, with: "").split(whereSeparator: { !$0.isLetter }) {
            foreign.formUnion(products[String(word)] ?? [])
        }
        targets[name] = Target(name: name, floor: floor, targets: own, products: foreign)
    }

    /// Everything that a target is linked with, over any number of steps.
    func linked(_ name: String) -> (targets: Set<String>, products: Set<String>) {
        var seen: Set<String> = []
        var waiting = [name]
        var foreign: Set<String> = []
        while let next = waiting.popLast() {
            guard let target = targets[next], seen.insert(next).inserted else { continue }
            foreign.formUnion(target.products)
            waiting += target.targets
        }
        return (seen, foreign)
    }
}
