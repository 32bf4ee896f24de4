// SPDX-License-Identifier: Apache-2.0
internal import Registry
internal import ShardProtocol

/// Holds processes of shards to numbers of bytes: control groups, in practice. From any thread.
package protocol ShardMemory: Sendable {
    /// Lets a process have so many bytes, before it has memory of account; past them the kernel ends it.
    /// - Parameter name: letters, digits and hyphens; unique.
    /// - Throws: where the system refuses; the process is not held then.
    func hold(_ process: Int32, as name: String, most: Int) throws
    /// The process has ended, or was never held.
    /// - Returns: whether the kernel ended it since it took more.
    func release(_ name: String) -> Bool
}

/// How a process of a shard is started.
struct ShardStart: Sendable {
    let program: ChildProgram
    /// What it is told.
    let settings: ShardSettings
    let memory: (any ShardMemory)?

    /// What its program, V8's threads and one script that passes its limit for a moment take.
    private static let overhead = 640 << 20

    /// What the process may have in all, in bytes.
    ///
    /// Its isolates hold what admission lets in, which is three quarters of what a process without shards may have: so
    /// the share of the last quarter comes on top, for what V8, its code and native memory take besides, and what a
    /// process takes that holds nothing. The sum over all shards may be more than the machine has: the bound is there to
    /// end a shard that gets out of hand, and not to be met.
    var mostBytes: Int {
        let held = min(settings.mostHeldBytes, 1 << 50)
        return held + held / 3 + Self.overhead
    }
}

extension ShardedHost.Options {
    /// How the process of a place is started. A worker that is alone, and what is tried, have a quarter of a shard's
    /// memory.
    func start(at place: Placement.Place, trust: WorkerManifest.Trust) -> ShardStart {
        var settings = settings
        if case .trust = place.group {} else { settings.mostHeldBytes /= 4 }
        return ShardStart(
            program: trust == .low ? lowTrustProgram ?? program : program, settings: settings, memory: memory)
    }
}
