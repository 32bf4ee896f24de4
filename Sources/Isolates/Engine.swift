// SPDX-License-Identifier: Apache-2.0
internal import CIsolate
internal import Synchronization

/// V8, started once for the process and never stopped.
public struct Engine: Sendable {
    /// How V8 is started; only the process's first engine's options count.
    public struct Options: Sendable {
        /// V8 flags after Rookery's own, each as `--name` or `--name=value`.
        public var flags: [String]
        /// V8's background threads, which compile. 1 or more.
        public var workerThreads: Int
        /// Threads of isolates (`EventLoop.run` with `onLost`) are parked where V8 does not stop or would end the
        /// process. Takes handlers of SIGABRT, SIGTRAP, SIGILL and SIGRTMIN+6; signals of other threads go to the
        /// handlers before.
        public var parksThreads: Bool
        /// A signal that ends the process is reported on standard error first: which isolate its thread was inside,
        /// how the turn stood, a backtrace.
        public var reportsCrashes: Bool
        /// Called when V8 cannot go on and the thread cannot be parked; V8 ends the process when it returns.
        public var onFatal: (@Sendable (FatalError) -> Void)?

        /// Options with the defaults: no further flags, one background thread, parked threads, no crash reports.
        public init(
            flags: [String] = [], workerThreads: Int = 1, parksThreads: Bool = true, reportsCrashes: Bool = false,
            onFatal: (@Sendable (FatalError) -> Void)? = nil
        ) {
            self.flags = flags
            self.workerThreads = workerThreads
            self.parksThreads = parksThreads
            self.reportsCrashes = reportsCrashes
            self.onFatal = onFatal
        }
    }

    /// V8's last words. The handler runs on the thread concerned, maybe inside a collection.
    public struct FatalError: Sendable {
        /// An isolate's heap is full in spite of its limit.
        public let isOutOfMemory: Bool
        /// Where in V8.
        public let location: String
        /// V8's message.
        public let message: String
    }

    /// V8's handler has no context, so the process's one engine keeps its own here.
    private static let fatalHandler = Mutex<(@Sendable (FatalError) -> Void)?>(nil)

    /// The version of the V8 that is loaded, as `10.2.154.26-node.37`.
    public static var version: String { unsafe String(cString: ci_engine_version()) }

    /// The version of the V8 headers that Rookery was compiled with, as `10.2.154.26`.
    public static var headerVersion: String { unsafe String(cString: ci_engine_header_version()) }

    /// Elapsed time since some moment, in nanoseconds.
    public static var monotonicNanoseconds: UInt64 { ci_now() }

    /// How many isolates exist in the process now, lost ones apart.
    public static var liveIsolates: Int { ci_engine_live_isolates() }

    /// What all isolates of the process hold together. Costs some 10 ns for each isolate.
    public static var load: EngineLoad {
        var raw = ci_engine_load_t()
        unsafe ci_engine_load(&raw)
        return EngineLoad(
            liveIsolates: raw.live_isolates, lostIsolates: raw.lost_isolates, heldBytes: raw.held_bytes,
            mappings: raw.mappings, mostMappings: raw.most_mappings)
    }

    /// Changes whenever V8's version or flags do: part of the key of everything that V8 wrote.
    public let cacheTag: String

    /// Starts V8.
    /// - Throws: `EngineError.mismatch` where library and headers are of two versions, `.abi`, `.refused`.
    public init(_ options: Options = .init()) throws(EngineError) {
        guard Engine.version.hasPrefix(Engine.headerVersion) else {
            throw .mismatch(loaded: Engine.version, compiled: Engine.headerVersion)
        }
        guard ci_abi_version() == CI_ABI_VERSION else { throw .abi }
        Self.fatalHandler.withLock { $0 = $0 ?? options.onFatal }
        let status = unsafe options.flags.joined(separator: " ").withSlice { flags in
            var raw = unsafe ci_engine_options_t(
                size: MemoryLayout<ci_engine_options_t>.size, flags: flags,
                worker_threads: Int32(clamping: max(1, options.workerThreads)),
                parks_threads: options.parksThreads, reports_crashes: options.reportsCrashes,
                on_fatal: { isOutOfMemory, location, message in
                    let error = unsafe FatalError(
                        isOutOfMemory: isOutOfMemory, location: String(cString: location),
                        message: String(cString: message))
                    Engine.fatalHandler.withLock { $0 }?(error)
                },
                on_escalation: { WatchdogNews.deliver() })
            return unsafe ci_engine_start(&raw)
        }
        guard status == .ok else { throw .refused("V8 did not start") }
        cacheTag = "\(Engine.version)-\(ci_code_cache_tag())"
    }

    /// Makes every later isolate start from the snapshot. A process has one snapshot.
    /// - Throws: `EngineError.refused` while isolates exist, or where the snapshot is another V8's.
    public func use(_ snapshot: Snapshot) throws(EngineError) {
        guard snapshot.use() == .ok else {
            throw .refused("the snapshot is of another V8, or isolates exist already")
        }
    }
}

/// What the isolates of the process hold, and what the kernel allows.
public struct EngineLoad: Sendable, Equatable {
    /// Isolates that exist, lost ones apart.
    public var liveIsolates: Int
    /// Isolates whose threads are parked.
    public var lostIsolates: Int
    /// What all isolates hold, lost ones and memory that outlived its isolate included, in bytes.
    public var heldBytes: Int
    /// Memory mappings of the process, estimated from above.
    public var mappings: Int
    /// `vm.max_map_count`.
    public var mostMappings: Int

    /// A load of these sizes.
    public init(liveIsolates: Int, lostIsolates: Int, heldBytes: Int, mappings: Int, mostMappings: Int) {
        self.liveIsolates = liveIsolates
        self.lostIsolates = lostIsolates
        self.heldBytes = heldBytes
        self.mappings = mappings
        self.mostMappings = mostMappings
    }
}

/// Why the engine, a snapshot or an isolate could not be made: a fault of the installation or of us.
public enum EngineError: Error, Equatable, CustomStringConvertible {
    /// libnode's V8 is not the one the headers describe.
    case mismatch(loaded: String, compiled: String)
    /// The shim was compiled from other headers than the Swift.
    case abi
    /// V8 refused, with our words for it.
    case refused(String)
    /// A limit that no isolate can have, with our words for it.
    case invalidLimit(String)
    /// A script of the snapshot threw.
    case snapshot(String)

    /// What happened and what to do.
    public var description: String {
        switch self {
        case .mismatch(let loaded, let compiled):
            "libnode has V8 \(loaded), but Rookery was compiled for V8 \(compiled): run scripts/bootstrap and build again"
        case .abi: "the shim and Rookery's Swift are of two builds: delete .build and build again"
        case .refused(let reason), .invalidLimit(let reason): reason
        case .snapshot(let reason): "the startup snapshot could not be made: \(reason)"
        }
    }
}
