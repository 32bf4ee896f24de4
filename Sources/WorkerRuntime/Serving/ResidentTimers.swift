// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Isolates
internal import Synchronization

/// The timers of an isolate: its script's, and the one that looks for dispatches that are overdue.
///
/// Most dispatches are over before anything is armed: neither timer is made before it is needed.
final class ResidentTimers {
    private let loop: EventLoop
    private lazy var script = WakeTimer(on: loop)
    private(set) lazy var deadline = WakeTimer(on: loop)
    private var armedDeadline = UInt64.max
    private var isScriptArmed = false
    /// The script's timers hold its dispatches.
    private(set) var isArmed = false

    init(_ loop: EventLoop) { self.loop = loop }

    /// `armTimer(milliseconds, holds)`
    func setScript(_ milliseconds: Double, holds: Bool, _ action: @escaping @Sendable () -> Void) {
        isArmed = milliseconds >= 0 && holds
        if milliseconds >= 0 {
            isScriptArmed = true
            script.start(after: .milliseconds(milliseconds), action)
        } else if isScriptArmed {
            isScriptArmed = false
            script.stop()
        }
    }

    /// Has the action called at this time, by `MonotonicClock`, or a little later.
    func setDeadline(_ time: UInt64, _ action: @escaping @Sendable () -> Void) {
        let now = MonotonicClock.now
        if armedDeadline <= now { armedDeadline = .max }
        // One that is armed earlier finds out then.
        guard time != .max, time < armedDeadline else { return }
        armedDeadline = time
        deadline.start(after: .nanoseconds(Int64(max(time, now) - now)) + .milliseconds(1), action)
    }

    func end() {
        if isScriptArmed { script.stop() }
        if armedDeadline != .max { deadline.stop() }
    }
}

/// A number that threads add to.
final class SharedCount: Sendable {
    private let count = Atomic<UInt64>(0)

    func add(_ amount: UInt64) -> UInt64 { count.add(amount, ordering: .relaxed).newValue }
    func take() -> UInt64 { count.exchange(0, ordering: .relaxed) }
    var value: Int { Int(clamping: count.load(ordering: .relaxed)) }
}

/// Counts the bytes that pass.
final class CountedSink: ByteSink {
    let count = SharedCount()
    private let sink: any ByteSink

    init(_ sink: any ByteSink) { self.sink = sink }

    func write(_ bytes: [UInt8], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        _ = count.add(UInt64(bytes.count))
        sink.write(bytes, answer)
    }

    func finish(_ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) { sink.finish(answer) }
    func cancel() { sink.cancel() }
}

/// Counts the bytes that pass.
final class CountedStream: ByteStream {
    let count = SharedCount()
    private let stream: any ByteStream

    init(_ stream: any ByteStream) { self.stream = stream }

    func read(atMost most: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
        stream.read(atMost: most) { [count] result in
            if case .success(let bytes?) = result { _ = count.add(UInt64(bytes.count)) }
            answer(result)
        }
    }

    func cancel() { stream.cancel() }
}
