// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// Where V8 is. scripts/bootstrap fills .deps only where apt cannot install libnode-dev.
// Both places are always searched, in this order: the manifest may not depend on which files exist,
// because SwiftPM caches its result.
let deps = Context.environment["ROOKERY_DEPS"] ?? Context.packageDirectory + "/.deps"

// scripts/fuzz sets it: libFuzzer's counters are in every object then.
let isFuzzing = Context.environment["ROOKERY_FUZZ"] != nil

let swift: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .strictMemorySafety(),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("ExistentialAny"),
        .treatAllWarnings(as: .error),
    ] + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer"])] : [])

let shim: [CXXSetting] = [
    .unsafeFlags(
        [
            "-isystem", deps + "/include/node", "-isystem", "/usr/include/v8",
            // libnode exports no typeinfo for v8::ArrayBuffer::Allocator.
            "-fno-rtti", "-fvisibility=hidden", "-fvisibility-inlines-hidden",
        ] + (isFuzzing ? ["-fsanitize=fuzzer-no-link"] : [])),
    .enableWarning("all"), .enableWarning("extra"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "rookery",
    products: [
        .library(name: "Isolates", targets: ["Isolates"]),
        .library(name: "HostAPI", targets: ["HostAPI"]),
        .library(name: "Egress", targets: ["Egress"]),
        .library(name: "KeyValueDatabase", targets: ["KeyValueDatabase"]),
        .library(name: "Registry", targets: ["Registry"]),
        .library(name: "WorkerRuntime", targets: ["WorkerRuntime"]),
        .library(name: "WorkerTypes", targets: ["WorkerTypes"]),
        .executable(name: "rookery", targets: ["rookery"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2"),
    ],
    targets: [
        .target(
            name: "CIsolate", path: ".",
            exclude: ["Sources", "Tests", "Examples", "packaging", "scripts", "vendor-notes"],
            sources: ["CShim"], publicHeadersPath: "include", cxxSettings: shim,
            linkerSettings: [
                .unsafeFlags([
                    "-L" + deps + "/lib", "-Xlinker", "--disable-new-dtags",
                    "-Xlinker", "-rpath", "-Xlinker", deps + "/lib",
                    "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/../lib/rookery",
                ]),
                .linkedLibrary("node"), .linkedLibrary("uv"), .linkedLibrary("icuuc"), .linkedLibrary("z"),
                .linkedLibrary("brotlidec"), .linkedLibrary("brotlienc"), .linkedLibrary("crypto"),
            ]),
        .target(name: "Isolates", dependencies: ["CIsolate"], swiftSettings: swift),
        .target(name: "WorkerTypes", swiftSettings: swift),
        .target(name: "HostAPI", dependencies: ["WorkerTypes"], swiftSettings: swift),
        // What a supervisor and its shards say to each other.
        .target(
            name: "ShardProtocol",
            dependencies: ["HostAPI", "WorkerTypes", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: swift),
        // zlib and brotli behind one face.
        .target(
            name: "CContentCoding", linkerSettings: [.linkedLibrary("z"), .linkedLibrary("brotlidec")]),
        .target(
            name: "Egress",
            dependencies: [
                "HostAPI", "CContentCoding",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ], swiftSettings: swift),
        .target(
            name: "Registry",
            dependencies: [
                "HostAPI", "SQLiteFiles", "WorkerTypes", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: swift),
        .target(
            name: "KeyValueDatabase",
            dependencies: ["HostAPI", "SQLiteFiles", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: swift),
        // What every database of ours needs of SQLite.
        .target(
            name: "SQLiteFiles", dependencies: ["HostAPI", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: swift),
        // Clang's #embed: bytes in, bytes out, where SwiftPM's embedInCode makes slow Swift of them.
        .target(name: "CPrelude", cSettings: [.unsafeFlags(["-Wno-c23-extensions"])]),
        .target(
            name: "Prelude", dependencies: ["CPrelude", "Isolates"], exclude: ["js"], swiftSettings: swift),
        .target(
            name: "WorkerRuntime",
            dependencies: [
                "Isolates", "WorkerTypes", "HostAPI", "Prelude",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: swift),
        .target(
            name: "ExecutorServer",
            dependencies: [
                "Egress", "HostAPI", "Isolates", "KeyValueDatabase", "Registry", "ShardProtocol", "WorkerRuntime",
                "WorkerTypes",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: swift),
        // A process of isolates, whose supervisor does everything else.
        .target(
            name: "ShardHost", dependencies: ["HostAPI", "Isolates", "ShardProtocol", "WorkerRuntime", "WorkerTypes"],
            swiftSettings: swift),
        // What keeps a process of isolates from everything else: libseccomp, Landlock, limits.
        .target(name: "CSandbox", linkerSettings: [.linkedLibrary("seccomp")]),
        .target(name: "ShardSandbox", dependencies: ["CSandbox"], swiftSettings: swift),
        .target(
            name: "ExecutorCommands",
            dependencies: [
                "Egress", "ExecutorServer", "HostAPI", "Isolates", "KeyValueDatabase", "Registry", "ShardHost",
                "ShardProtocol", "ShardSandbox", "WorkerRuntime", "WorkerTypes",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: swift),
        // The program's malloc, which charges isolates. Not for libraries: an embedder's malloc is the embedder's.
        .target(name: "CNativeMemory", dependencies: ["CIsolate"]),
        // The program's open, for libdispatch. Not for libraries either.
        .target(name: "CThreadStates", dependencies: ["CSandbox"]),
        .executableTarget(
            name: "rookery",
            dependencies: [
                "CNativeMemory", "CThreadStates", "ExecutorCommands",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: swift),
        .target(name: "CHeaderTests", dependencies: ["CIsolate"], path: "Tests/CHeaderTests"),
        .target(name: "Support", dependencies: ["Isolates", "Prelude"], path: "Tests/Support", swiftSettings: swift),
        .testTarget(
            name: "CIsolateTests", dependencies: ["CIsolate", "CHeaderTests"],
            swiftSettings: swift),
        .testTarget(name: "IsolatesTests", dependencies: ["Isolates", "Support"], swiftSettings: swift),
        .target(
            name: "EgressSupport",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ], path: "Tests/EgressSupport", swiftSettings: swift),
        .testTarget(
            name: "EgressTests",
            dependencies: [
                "Egress", "EgressSupport", "HostAPI", "WorkerTypes",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: swift),
        // What the tests and the fuzzer of the protocol make up and try.
        .target(
            name: "ShardProtocolSupport",
            dependencies: ["HostAPI", "ShardProtocol", "WorkerTypes", .product(name: "NIOCore", package: "swift-nio")],
            path: "Tests/ShardProtocolSupport", swiftSettings: swift),
        // Makes up conversations until it is stopped: scripts/fuzz-shards does that.
        .executableTarget(
            name: "ShardFuzzer",
            dependencies: [
                "HostAPI", "ShardProtocol", "ShardProtocolSupport", .product(name: "NIOCore", package: "swift-nio"),
            ], path: "Tests/ShardFuzzer", swiftSettings: swift),
        .testTarget(
            name: "ShardProtocolTests",
            dependencies: [
                "HostAPI", "ShardProtocol", "ShardProtocolSupport", "WorkerTypes",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: swift),
        .testTarget(name: "HostAPITests", dependencies: ["HostAPI", "WorkerTypes"], swiftSettings: swift),
        // Writes until it is killed: scripts/crash-kv and the tests do that.
        .executableTarget(
            name: "KeyValueCrasher",
            dependencies: [
                "HostAPI", "KeyValueDatabase", .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], path: "Tests/KeyValueCrasher", swiftSettings: swift),
        // Deploys until it is killed: scripts/crash-registry and the tests do that.
        .executableTarget(
            name: "RegistryCrasher",
            dependencies: ["Registry", "WorkerTypes", .product(name: "SystemPackage", package: "swift-system")],
            path: "Tests/RegistryCrasher", swiftSettings: swift),
        .testTarget(
            name: "RegistryTests",
            dependencies: [
                "Registry", "HostAPI", "SQLiteFiles", "WorkerTypes", "RegistryCrasher",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: swift),
        // Tries to leave the sandbox that it is in.
        .target(name: "CSandboxAttacks", path: "Tests/CSandboxAttacks"),
        .executableTarget(
            name: "SandboxProber",
            dependencies: [
                "ShardSandbox", "CSandboxAttacks", "Isolates", "WorkerRuntime", "WorkerTypes",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/SandboxProber", swiftSettings: swift),
        .testTarget(
            name: "ShardSandboxTests",
            dependencies: [
                "ShardSandbox", "SandboxProber", .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: swift),
        .testTarget(
            name: "KeyValueDatabaseTests",
            dependencies: [
                "HostAPI", "KeyValueDatabase", "KeyValueCrasher", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: swift),
        .testTarget(
            name: "WorkerRuntimeTests",
            dependencies: [
                "WorkerRuntime", "WorkerTypes", "HostAPI", "Isolates", "Prelude", "Support", "Egress", "EgressSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            swiftSettings: swift),
        .testTarget(
            name: "ExecutorServerTests",
            dependencies: [
                "ExecutorServer", "Egress", "HostAPI", "Registry", "ShardProtocol", "ShardProtocolSupport", "Support",
                "WorkerRuntime", "WorkerTypes",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ], exclude: ["Corpus", "Certificates"], swiftSettings: swift),
        .testTarget(
            name: "ExecutorTests",
            dependencies: [
                "rookery", "ExecutorCommands", "ExecutorServer", "Support", "WorkerTypes", "WorkerRuntime",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: swift),
    ],
    cLanguageStandard: .c17,
    cxxLanguageStandard: .cxx17
)

if isFuzzing {
    package.targets.append(
        .executableTarget(
            name: "FuzzShards", dependencies: ["ShardProtocol", "ShardProtocolSupport"], path: "Tests/Fuzz/FuzzShards",
            swiftSettings: swift + [.unsafeFlags(["-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]))
    package.targets.append(
        .executableTarget(
            name: "FuzzModules", dependencies: ["Isolates", "WorkerRuntime"], path: "Tests/Fuzz/FuzzModules",
            swiftSettings: swift + [.unsafeFlags(["-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]))
}
