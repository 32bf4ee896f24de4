// SPDX-License-Identifier: Apache-2.0
public import Isolates

/// V8, started once for a process, with what all workers begin with.
public final class WorkerEngine: Sendable {
    /// Lets isolates in, and follows what becomes of them.
    package let host: IsolateHost
    /// Compiled code.
    package let caches: CodeCaches
    /// Compiled TypeScript, and code: a folder of what can be made again.
    package let store: ContentStore?

    /// V8's version.
    public static var version: String { Engine.version }

    /// Starts V8. Once in a process.
    /// - Parameters:
    ///   - cacheFolder: keeps what can be made again, so that the next start is sooner; `nil`, or a folder that others
    ///     may write, keeps nothing.
    ///   - reportsCrashes: where V8 or native code crashes, standard error names the isolate.
    ///   - observer: hears what happens to isolates.
    /// - Throws: `EngineError`, where V8 cannot start, was started before, or is another one than expected.
    public convenience init(
        cacheFolder: String?, reportsCrashes: Bool = true, observer: (any RuntimeObserver)? = nil
    ) throws(EngineError) {
        try self.init(
            store: cacheFolder.flatMap { ContentStore(folder: $0) }, reportsCrashes: reportsCrashes,
            observer: observer)
    }

    package init(
        store: ContentStore?, flags: [String] = [], reportsCrashes: Bool = true,
        observer: (any RuntimeObserver)? = nil, admission: Admission = .ofMachine
    ) throws(EngineError) {
        let engine = try Engine(.init(flags: flags, reportsCrashes: reportsCrashes))
        try engine.use(BaseSnapshot.load(engine, from: store, flags: flags))
        host = IsolateHost(engine, admission: admission, observer: observer)
        caches = CodeCaches(engine, disk: store)
        self.store = store
    }
}
