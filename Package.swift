// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let tracing: Target.Dependency = .product(name: "Tracing", package: "swift-distributed-tracing")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let sqlite: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqliteCalls: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")

let package = Package(
    name: "holdfast",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Holdfast", targets: ["Holdfast"]),
        .library(name: "HoldfastGameplay", targets: ["HoldfastGameplay"]),
        .library(name: "HoldfastSQLite", targets: ["HoldfastSQLite"]),
        .library(name: "HoldfastPostgres", targets: ["HoldfastPostgres"]),
        .library(name: "HoldfastReplication", targets: ["HoldfastReplication"]),
        .library(name: "HoldfastTesting", targets: ["HoldfastTesting"]),
        .executable(name: "holdfast", targets: ["HoldfastCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // C libraries, each imported by exactly one module. hiredis has no `pkgConfig`: its .pc file
        // carries a flag that SwiftPM refuses with a warning on every build.
        .systemLibrary(name: "CHoldfastHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CHoldfastLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CHoldfastZstd", providers: [.apt(["libzstd-dev"])]),

        // Lua/ becomes typed Swift values at build time.
        .executableTarget(name: "EmbedScripts", swiftSettings: settings),
        .plugin(
            name: "EmbedScriptsPlugin", capability: .buildTool(), dependencies: ["EmbedScripts"],
            path: "Sources/EmbedScriptsPlugin"
        ),
        .target(
            name: "HoldfastScripts", dependencies: [crypto], swiftSettings: settings, plugins: ["EmbedScriptsPlugin"]
        ),

        .target(
            name: "HoldfastRedis",
            dependencies: nio + [
                "CHoldfastHiredis", "HoldfastScripts", log, metrics, lifecycle, deque,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "HoldfastStorage", dependencies: ["CHoldfastZstd", log, metrics, tracing, deque, crypto],
            swiftSettings: settings
        ),
        // What a game's client links too: no Redis, no store.
        .target(name: "HoldfastReplication", dependencies: ["HoldfastStorage"], swiftSettings: settings),
        .target(
            name: "HoldfastSQLite", dependencies: ["HoldfastStorage", sqlite, sqliteCalls, log], swiftSettings: settings
        ),
        .target(
            name: "HoldfastPostgres", dependencies: ["HoldfastStorage", "CHoldfastLibPQ", log], swiftSettings: settings
        ),
        .target(
            name: "HoldfastCoordination",
            dependencies: ["HoldfastRedis", "HoldfastScripts", "HoldfastStorage", log, metrics, lifecycle],
            swiftSettings: settings
        ),
        .target(
            name: "HoldfastMemoryStore",
            dependencies: ["HoldfastRedis", "HoldfastScripts", "HoldfastStorage", log, metrics, lifecycle, deque],
            swiftSettings: settings
        ),
        .target(
            name: "HoldfastProfiles",
            dependencies: [
                "HoldfastCoordination", "HoldfastStorage", log, metrics, tracing, lifecycle,
                "HoldfastReplication",
            ],
            swiftSettings: settings
        ),
        // Values that games keep in their documents. Nothing below needs them, and Holdfast does not re-export them.
        .target(name: "HoldfastGameplay", dependencies: ["HoldfastStorage"], swiftSettings: settings),
        .target(
            name: "HoldfastWorlds", dependencies: ["HoldfastProfiles", "HoldfastStorage"], swiftSettings: settings
        ),
        .target(
            name: "Holdfast",
            dependencies: [
                "HoldfastWorlds",
                "HoldfastProfiles", "HoldfastMemoryStore", "HoldfastCoordination", "HoldfastRedis", "HoldfastStorage",
                "HoldfastReplication",
            ],
            swiftSettings: settings
        ),

        // For games' own tests: a whole deployment in memory.
        .target(
            name: "HoldfastTesting",
            dependencies: ["HoldfastProfiles", "HoldfastCoordination", "HoldfastStorage", log], swiftSettings: settings
        ),

        // Judges a finished run. Imports none of the modules above.
        .target(
            name: "HoldfastVerifier", dependencies: ["CHoldfastZstd", "CHoldfastLibPQ", sqlite, crypto],
            swiftSettings: settings
        ),

        .executableTarget(
            name: "HoldfastCommand",
            dependencies: [
                "Holdfast", "HoldfastSQLite", "HoldfastPostgres", "HoldfastVerifier", "HoldfastPrivateServers", sqlite,
                "HoldfastReplication",
                log, metrics, lifecycle,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
            ],
            swiftSettings: settings
        ),

        // The program in README.md and in the DocC article "Embed", built so that it cannot rot.
        .executableTarget(
            name: "ExampleGameServer", dependencies: ["Holdfast", "HoldfastSQLite", log, lifecycle],
            swiftSettings: settings
        ),

        // The game server that the DocC article "Tutorial" walks through; it plays for a few seconds and ends by itself.
        .executableTarget(
            name: "ExampleAdventure",
            dependencies: ["Holdfast", "HoldfastSQLite", "HoldfastGameplay", log, lifecycle],
            swiftSettings: settings
        ),

        // Private Redis and PostgreSQL processes for benchmarks and tests; what only tests need stands on them.
        .target(name: "HoldfastPrivateServers", swiftSettings: settings),
        .target(
            name: "TestServers", dependencies: ["HoldfastPrivateServers"], path: "Tests/TestServers",
            swiftSettings: settings
        ),
        // Random histories against a plain reference, with shrinking.
        .target(name: "ModelTesting", path: "Tests/ModelTesting", swiftSettings: settings),
        .testTarget(
            name: "HoldfastRedisTests",
            dependencies: [
                "HoldfastRedis", "TestServers", .product(name: "NIOEmbedded", package: "swift-nio"),
                "ModelTesting",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastStorageTests",
            dependencies: [
                "HoldfastStorage", "HoldfastSQLite", "HoldfastPostgres", "TestServers", sqlite, "ModelTesting",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastReplicationTests",
            dependencies: ["HoldfastReplication", "HoldfastStorage", "ModelTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastCoordinationTests",
            dependencies: ["HoldfastCoordination", "HoldfastRedis", "TestServers"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastMemoryStoreTests",
            dependencies: [
                "HoldfastMemoryStore", "HoldfastRedis", "HoldfastStorage", "HoldfastSQLite", "HoldfastPostgres",
                "HoldfastProfiles", "HoldfastCoordination", "TestServers", "ModelTesting", log,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastProfilesTests",
            dependencies: [
                "HoldfastProfiles", "HoldfastSQLite", "HoldfastPostgres", "TestServers",
                "HoldfastReplication",
                "ModelTesting",
            ],
            resources: [.copy("Fixtures")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastGameplayTests", dependencies: ["HoldfastGameplay", "HoldfastStorage", "ModelTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastWorldsTests",
            dependencies: [
                "HoldfastWorlds", "HoldfastProfiles", "HoldfastCoordination", "HoldfastStorage", "HoldfastSQLite",
                "TestServers", "ModelTesting",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastTestingTests",
            dependencies: [
                "HoldfastTesting", "HoldfastProfiles", "HoldfastStorage", "HoldfastCoordination", "TestServers", log,
                "HoldfastWorlds",
                metrics, .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastVerifierTests",
            dependencies: [
                "HoldfastVerifier", "HoldfastStorage", "HoldfastWorlds", "HoldfastSQLite", "HoldfastPostgres",
                "TestServers", sqlite, log,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastCommandTests",
            dependencies: [
                "HoldfastCommand", "TestServers", sqlite, metrics,
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ExampleAdventureTests",
            dependencies: ["ExampleAdventure", "Holdfast", "HoldfastGameplay", "HoldfastTesting", "TestServers"],
            swiftSettings: settings
        ),
    ]
)
