import Testing

@Suite("HouseImports")
struct ImportArrowTests {
    private static let toolchain: Set<String> = [
        "Swift", "Glibc", "Foundation", "FoundationEssentials", "Dispatch", "_Concurrency", "Synchronization",
    ]
    /// Modules whose names are not their products'.
    private static let modules: [String: Set<String>] = [
        "Numerics": ["Numerics", "RealModule", "ComplexModule"],
        "ServiceLifecycle": ["ServiceLifecycle", "UnixSignals"],
    ]
    /// Which floors a floor may lean on.
    private static let floors: [String: Set<String>] = [
        "Sciences": ["Sciences"], "System": ["System"], "Service": ["Sciences", "Service", "System"],
        "Engine": ["Sciences", "Engine", "System"],
        "Commands": ["Sciences", "Service", "Engine", "System"],
    ]

    @Test("every import is a dependency that Package.swift gives the target")
    func declared() throws {
        let manifest = try PackageManifest()
        for file in try SourceFile.all() {
            let target = try #require(manifest.targets[file.target], "\(file.path) is of no target of Package.swift")
            #expect(target.floor == file.floor, "\(file.path)")
            var allowed = Self.toolchain.union(target.targets)
            for product in target.products { allowed.formUnion(Self.modules[product] ?? [product]) }
            for name in file.imports {
                #expect(allowed.contains(name), "\(file.path) imports \(name), which \(file.target) does not depend on")
            }
        }
    }

    @Test("a floor leans only on the floors below it")
    func direction() throws {
        let manifest = try PackageManifest()
        #expect(manifest.targets.count > 20)
        for target in manifest.targets.values {
            let allowed = try #require(Self.floors[target.floor ?? ""], "\(target.name)")
            for name in target.targets {
                let floor = try #require(manifest.targets[name]?.floor, "\(target.name) depends on \(name)")
                #expect(allowed.contains(floor), "\(target.name) (\(target.floor ?? "")) depends on \(name) (\(floor))")
            }
        }
    }

    @Test("the daemon holds nothing of the engine, and the engine nothing of the database")
    func separation() throws {
        let manifest = try PackageManifest()
        let daemon = manifest.linked("retuned")
        for name in daemon.targets {
            #expect(manifest.targets[name]?.floor != "Engine", "retuned is linked with \(name)")
        }
        #expect(!daemon.targets.contains("COpenBLAS"))
        let engine = manifest.linked("retuned-engine")
        #expect(!engine.products.contains("GRDB"))
        for name in engine.targets where manifest.targets[name]?.floor == "Service" {
            #expect(name == "HTTPListener", "retuned-engine is linked with \(name)")
        }
        let demonstration = manifest.linked("retuned-demo")
        #expect(demonstration.targets.isDisjoint(with: ["Store", "Settings", "API", "FeedbackLoop"]))
    }

    @Test(
        "what one target wraps is imported by no other",
        arguments: [
            ("GRDB", ["Store"]), ("COpenBLAS", ["Tensors"]), ("CKernels", ["Tensors"]), ("CCurl", ["OutboundHTTP"]),
            ("Yams", ["Settings"]), ("Subprocess", ["ChildProcesses"]),
            ("ArgumentParser", ["retuned", "retuned-engine", "retunectl", "retuned-demo"]),
        ])
    func wrapped(_ module: String, _ owners: [String]) throws {
        for file in try SourceFile.all() where file.imports.contains(module) {
            #expect(owners.contains(file.target), "\(file.path) imports \(module)")
        }
    }
}
