// SPDX-License-Identifier: Apache-2.0

/// Which layers hold in a process, and why others do not.
public struct SandboxReport: Sendable, Equatable, Codable {
    /// A layer and what became of it.
    public struct Entry: Sendable, Equatable, Codable {
        /// Which.
        public let layer: SandboxLayer
        /// What became of it.
        public let result: SandboxLayerState
    }

    /// In the order in which they were asked for.
    public private(set) var entries: [Entry] = []

    /// A report on nothing.
    public init() {}

    /// Notes what became of a layer; the last word counts.
    public mutating func note(_ layer: SandboxLayer, _ state: SandboxLayerState) {
        entries.removeAll { $0.layer == layer }
        entries.append(Entry(layer: layer, result: state))
    }

    /// What became of a layer; `nil`: nobody asked for it.
    public subscript(layer: SandboxLayer) -> SandboxLayerState? { entries.first { $0.layer == layer }?.result }

    /// The layers that do not hold, of those given.
    public func missing(of layers: Set<SandboxLayer>) -> [SandboxLayer] {
        SandboxLayer.allCases.filter { layers.contains($0) && self[$0]?.holds != true }
    }

    /// Insists on layers.
    /// - Throws: `SandboxError`, with what is missing and what to do.
    public func require(_ layers: Set<SandboxLayer> = SandboxLayer.standard) throws(SandboxError) {
        let missing = missing(of: layers)
        guard !missing.isEmpty else { return }
        throw SandboxError(
            missing: missing.map { .init(layer: $0, result: self[$0] ?? .failed("nobody asked for it")) })
    }
}

/// A sandbox without a layer that the operator insists on.
public struct SandboxError: Error, Equatable, CustomStringConvertible {
    /// The layers that do not hold.
    public let missing: [SandboxReport.Entry]

    /// What is missing, why, and what to do about it.
    public var description: String {
        let lines = missing.map { "\($0.layer.title): \($0.result.detail); \($0.layer.advice)" }
        return "the sandbox lacks " + lines.joined(separator: "\n  and ")
            + "\nrookery doctor shows all layers; without --require-sandbox Rookery starts with those that hold"
    }
}
