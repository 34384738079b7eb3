// swift-tools-version: 6.2
import PackageDescription

// One optimised build serves the demonstration, the tests and the installation, so every target has the same settings
// and every command uses the same flags (see the Makefile). `docs/house.md` draws the floors.
let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// Products of other packages, named once.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let numerics = Target.Dependency.product(name: "Numerics", package: "swift-numerics")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let listenerProducts: [Target.Dependency] = [
    hummingbird, hummingbirdCore, httpTypes, lifecycle, logging, nio,
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
]

/// A target of one of the floors of `Sources/`.
func room(_ floor: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)", swiftSettings: settings)
}

/// A C target of `Sources/System`: a thin shim over a system library, or what Glibc's Swift face hides.
func shim(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/System/\(name)")
}

func command(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Sources/Commands/\(name)", swiftSettings: settings)
}

/// The tests of one room; `Tests/` mirrors `Sources/`.
func tests(_ floor: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + dependencies,
        path: "Tests/\(floor)/\(name)Tests", swiftSettings: settings)
}

let package = Package(
    name: "retuned",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-numerics", exact: "1.1.1"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        // Without `traits: []` SwiftPM orders the traits' flags at random and rebuilds Hummingbird for nothing.
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: [
        // Sciences: pure. No input or output, no clock, no randomness of their own.
        room("Sciences", "Values"),
        room("Sciences", "Contracts", ["Values"]),
        room("Sciences", "Statistics", [numerics]),
        room("Sciences", "Traffic", ["Values", crypto]),
        room("Sciences", "DriftDetection", ["Statistics"]),
        room("Sciences", "ImpactMaps", ["Statistics"]),
        room("Sciences", "Experimentation", ["Statistics", crypto]),

        // Service: the daemon.
        room("Service", "API", ["Values", "Traffic"]),
        room("Service", "Settings", ["Values", "Traffic", "API", yams]),
        room("Service", "Store", ["Values", "Traffic", "Locking", grdb, logging]),
        room("Service", "OutboundHTTP", ["Locking", "CCurl"]),
        room("Service", "HTTPListener", ["Values", "CLinux", "CZlib", "Locking"] + listenerProducts),
        room("Service", "ChildProcesses", ["Locking", "CLinux", subprocess, systemPackage, logging]),
        room(
            "Service", "Tuning",
            [
                "Values", "Contracts", "Traffic", "Statistics", "Store", "ImpactMaps", "ChildProcesses", "DurableFiles",
                "Locking",
                logging,
            ]),
        room(
            "Service", "Serving",
            [
                "Values", "Contracts", "Store", "OutboundHTTP", "ChildProcesses", "DurableFiles", "Locking", crypto,
                logging, lifecycle,
            ]),
        room("Service", "Webhooks", ["Values", "API", "Store", "OutboundHTTP", "Locking", crypto, logging, lifecycle]),
        room(
            "Service", "FeedbackLoop",
            [
                "Values", "Contracts", "Statistics", "Traffic", "DriftDetection", "ImpactMaps", "Experimentation",
                "API", "Settings", "Store", "Tuning", "Serving", "DurableFiles", "Locking", logging, lifecycle,
            ]),
        room(
            "Service", "HTTPServing",
            [
                "Values", "HTTPListener", "API", "Contracts", "Traffic", "Settings", "Store", "Serving", "Webhooks",
                "Experimentation", "FeedbackLoop", "OutboundHTTP", "Locking", crypto, logging, hummingbird, httpTypes,
                nio,
            ]),

        // Engine: models, adapters, training.
        room("Engine", "Tensors", ["CKernels", "COpenBLAS", "CLinux", "Locking"]),
        room("Engine", "Transformer", ["Values", "Tensors", crypto]),
        room("Engine", "FineTuning", ["Values", "Tensors", "Transformer", "Statistics", "ImpactMaps"]),

        // System: C shims, and the one lock.
        .systemLibrary(
            name: "COpenBLAS", path: "Sources/System/COpenBLAS", pkgConfig: "openblas",
            providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(
            name: "CCurlLibrary", path: "Sources/System/CCurlLibrary", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CZlibLibrary", path: "Sources/System/CZlibLibrary", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]),
        shim("CKernels"),
        shim("CCurl", ["CCurlLibrary"]),
        shim("CZlib", ["CZlibLibrary"]),
        shim("CLinux"),
        room("System", "Locking"),
        room("System", "DurableFiles", ["CLinux"]),
        room("System", "ServiceManager"),

        // Commands: composition roots.
        command(
            "retuned",
            [
                "Values", "Contracts", "Traffic", "API", "Settings", "Store", "OutboundHTTP", "HTTPListener",
                "ChildProcesses", "Tuning", "Serving", "Webhooks", "FeedbackLoop", "HTTPServing", "CLinux", "Locking",
                "ServiceManager", "DurableFiles", argumentParser, crypto, logging, lifecycle,
            ]),
        command(
            "retuned-engine",
            [
                "Values", "Contracts", "Tensors", "Transformer", "FineTuning", "ImpactMaps", "Statistics",
                "HTTPListener", "CLinux", "DurableFiles", "Locking", crypto, hummingbird, httpTypes, nio,
                argumentParser,
                logging, lifecycle,
            ]),
        command(
            "retunectl",
            [
                "Values", "API", "Settings", "OutboundHTTP", "CZlib", "Experimentation", "Statistics", "Locking",
                argumentParser,
            ]),
        command(
            "retuned-demo",
            [
                "Values", "HTTPListener", "OutboundHTTP", "CZlib", "Locking", argumentParser, crypto, hummingbird,
                httpTypes, nio, logging, lifecycle,
            ]),

        // Beside the house: what is measured; nothing imports it.
        .executableTarget(
            name: "retuned-benchmarks", dependencies: ["Statistics", "Experimentation", "Locking", argumentParser],
            path: "Benchmarks/retuned-benchmarks", swiftSettings: settings),

        .target(
            name: "LoopbackServer", dependencies: ["Locking"], path: "Tests/Support/LoopbackServer",
            swiftSettings: settings),
        .target(
            name: "Signals", dependencies: ["Locking"], path: "Tests/Support/Signals", swiftSettings: settings),
        .target(name: "SmallDisk", path: "Tests/Support/SmallDisk", swiftSettings: settings),
        tests("Sciences", "Values"),
        tests("Sciences", "Contracts", ["Values"]),
        tests("Sciences", "Statistics"),
        tests("Sciences", "Traffic", ["Values"]),
        tests("Sciences", "DriftDetection", ["Statistics"]),
        tests("Sciences", "ImpactMaps", ["Statistics"]),
        tests("Sciences", "Experimentation", ["Statistics", "Values"]),
        tests("Service", "API", ["Values", "Traffic"]),
        tests("Service", "Settings", ["Values"]),
        tests("Service", "Store", ["Values", "Traffic", "Locking", "SmallDisk", grdb, logging]),
        tests("Service", "OutboundHTTP", ["Locking", "LoopbackServer"]),
        tests(
            "Service", "HTTPListener",
            ["Values", "OutboundHTTP", "CZlib", "CLinux", "Locking", "Signals"] + listenerProducts),
        tests("Service", "ChildProcesses", ["Locking", subprocess, logging]),
        tests("Service", "Tuning", ["Values", "Contracts", "Traffic", "Statistics", "Store", "ImpactMaps", logging]),
        tests(
            "Service", "Serving",
            [
                "Values", "Contracts", "Store", "OutboundHTTP", "ChildProcesses", "HTTPListener", "Locking",
                "LoopbackServer", logging, hummingbird, lifecycle,
            ]),
        tests(
            "Service", "Webhooks",
            [
                "Values", "API", "Store", "OutboundHTTP", "HTTPListener", "Locking", "LoopbackServer", hummingbird,
                lifecycle, logging,
            ]),
        tests(
            "Service", "FeedbackLoop",
            [
                "Values", "Contracts", "Statistics", "Traffic", "DriftDetection", "ImpactMaps", "Experimentation",
                "API", "Settings", "Store", "Tuning", "Serving", "Locking", logging,
            ]),
        tests(
            "Service", "HTTPServing",
            [
                "Values", "HTTPListener", "API", "Contracts", "Traffic", "Settings", "Store", "Serving", "Webhooks",
                "Experimentation", "FeedbackLoop", "OutboundHTTP", "Tuning", "Locking", "Signals", httpTypes,
                hummingbird, lifecycle, logging,
            ]),
        tests("System", "ServiceManager"),
        tests("Engine", "Tensors"),
        tests("Engine", "Transformer", ["Values", "Tensors"]),
        tests("Engine", "FineTuning", ["Values", "Tensors", "Transformer", "Statistics", "ImpactMaps"]),
        .testTarget(
            name: "HouseTests", path: "Tests/HouseTests", swiftSettings: settings),
        .testTarget(
            name: "CommandsTests",
            dependencies: [
                "retuned", "retuned-engine", "retunectl", "retuned-demo", "Values", "Contracts", "OutboundHTTP",
                "Locking", "CZlib", "Settings", "Experimentation", "API", "LoopbackServer", "SmallDisk", subprocess,
                systemPackage,
            ],
            path: "Tests/Commands/CommandsTests", swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
