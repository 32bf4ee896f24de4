// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let settings: [SwiftSetting] = [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]

let package = Package(
    name: "embedding",
    dependencies: [
        .package(name: "rookery", path: "../.."),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
    ],
    targets: [
        .target(
            name: "Embedding",
            dependencies: [
                .product(name: "HostAPI", package: "rookery"),
                .product(name: "WorkerRuntime", package: "rookery"),
                .product(name: "WorkerTypes", package: "rookery"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ], swiftSettings: settings),
        .executableTarget(name: "Server", dependencies: ["Embedding"], swiftSettings: settings),
        .testTarget(
            name: "EmbeddingTests",
            dependencies: ["Embedding", .product(name: "HummingbirdTesting", package: "hummingbird")],
            swiftSettings: settings),
    ]
)
