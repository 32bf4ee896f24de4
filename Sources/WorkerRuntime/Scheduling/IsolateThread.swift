// SPDX-License-Identifier: Apache-2.0
public import Isolates
internal import Synchronization

/// A thread that turns an event loop; the only place JavaScript runs.
///
/// Where its OS thread is lost with an isolate that did not stop, another one takes over the loop: everybody else's
/// jobs and timers go on.
public final class IsolateThread: Sendable {
    /// The thread's loop. Jobs posted to it run on the thread, in order.
    public let loop: EventLoop
    private let isStopping = Mutex(false)
    private let patience: Duration

    /// Room for V8's own limit of about 1 MiB, for ICU, and for linking a chain of 10,000 modules.
    public static let stackSize = 32 << 20

    /// Starts a thread.
    /// - Parameter patience: how long it looks for jobs before it sleeps: a poster saves a system call, and the job two
    ///   context switches, for that much of a core whenever there is nothing to do.
    /// - Throws: `EngineError.refused` where the system gives none.
    public init(patience: Duration = .microseconds(50)) throws(EngineError) {
        self.patience = patience
        loop = try EventLoop()
        try startThread()
    }

    private func startThread() throws(EngineError) {
        // The thread keeps this object.
        guard startDetachedThread(stackSize: Self.stackSize, { [self] in run() }) else {
            throw .refused("the system gives no thread")
        }
    }

    /// Ends the thread once the jobs posted before have run.
    public func stop() {
        loop.post { [self] in isStopping.withLock { $0 = true } }
    }

    private func run() {
        do throws(EngineError) {
            try loop.run(
                patience: patience, onLost: { [self] in replaceThread() }, until: { isStopping.withLock { $0 } })
        } catch {
            // No file descriptors for a new loop. What waits for this thread ends at its own limits.
        }
    }

    private func replaceThread() {
        // Without another thread, what waits for this one ends at its own limits.
        try? startThread()
    }
}

/// An object that lives on an isolate's thread, for other threads to send it work.
///
/// Unchecked: the object is only ever touched by jobs of that thread's loop.
public struct ThreadBound<Value: AnyObject>: @unchecked Sendable {
    private let value: Value
    private let loop: EventLoop

    /// Binds an object to the loop of its thread.
    public init(_ value: Value, on loop: EventLoop) {
        self.value = value
        self.loop = loop
    }

    /// Runs `body` with the object on its thread.
    public func post(_ body: @escaping @Sendable (Value) -> Void) {
        loop.post { body(value) }
    }
}
