// SPDX-License-Identifier: Apache-2.0
package import HostAPI
internal import Synchronization

/// A capability whose operations do each of what operations can do.
package struct Probe: Capability {
    package typealias Grant = WholeGrant
    package static let name = "probe"
    /// Calls of `never` that were cancelled.
    package let cancelled = Counter()
    /// What was written to the last sink of `take`.
    package let taken = CollectingSink()

    package init() {}

    package var operations: [Operation] {
        [
            Operation(sync: "now") { (arguments: HostArguments, _) in arguments[0] },
            Operation(later: "echo", mostArgumentBytes: 32 << 20) { arguments, _, answer in
                answer(.success(.list(arguments.values)))
            },
            Operation("count") { (arguments: HostArguments, _) async throws(HostError) in
                guard case .stream(let stream) = arguments[0] else { throw arguments.invalid(0, "is no stream") }
                var count = 0
                while let bytes = try await stream.read(atMost: 1000) { count += bytes.count }
                return .number(Double(count))
            },
            Operation(later: "give") { arguments, _, answer in
                answer { () throws(HostError) in
                    let count = try arguments.integer(0, in: 0...(1 << 30))
                    return .list([.stream(PatternStream(count)), .string("given")])
                }
            },
            Operation(later: "take") { _, _, answer in answer(.success(.sink(taken))) },
            Operation(later: "never") { _, call, answer in
                call.onCancel {
                    cancelled.add()
                    answer(.failure(HostError(.cancelled, "")))
                }
            },
            Operation(later: "fail") { _, _, answer in answer(.failure(HostError(.conflict, "as was asked"))) },
            Operation(later: "large") { arguments, _, answer in
                answer { () throws(HostError) in
                    .bytes([UInt8](repeating: 7, count: try arguments.integer(0, in: 0...(64 << 20))))
                }
            },
        ]
    }

    /// The place of an operation.
    package static func index(_ name: String) -> Int {
        Probe().operations.firstIndex { $0.name == name } ?? -1
    }

    /// A binding of it.
    package static func binding(_ probe: Probe = Probe()) throws(GrantError) -> HostBinding {
        try HostTable([probe]).bind(Probe.self, as: "PROBE", grant: WholeGrant())
    }
}

/// Counts.
package final class Counter: Sendable {
    private let count = Atomic(0)
    package init() {}
    package func add() { count.add(1, ordering: .relaxed) }
    package var value: Int { count.load(ordering: .relaxed) }
}

/// So many bytes, each of which tells its place.
package final class PatternStream: ByteStream {
    private struct State {
        var place = 0
        var isCancelled = false
    }
    private let count: Int
    private let most: Int
    private let state = Mutex(State())

    /// - Parameter most: bytes of one chunk.
    package init(_ count: Int, most: Int = .max) { (self.count, self.most) = (count, most) }

    package var isCancelled: Bool { state.withLock { $0.isCancelled } }
    /// How much was read of it.
    package var place: Int { state.withLock { $0.place } }

    package func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
        let bytes = state.withLock { state -> [UInt8]? in
            let taken = min(count, most, self.count - state.place)
            guard taken > 0 else { return nil }
            defer { state.place += taken }
            return Self.pattern(state.place..<state.place + taken)
        }
        answer(.success(bytes))
    }

    package func cancel() { state.withLock { $0.isCancelled = true } }

    package static func pattern(_ places: Range<Int>) -> [UInt8] {
        places.map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
    }
}

/// Never brings anything.
package final class SilentStream: ByteStream {
    private let state = Mutex<(reader: (@Sendable (Result<[UInt8]?, HostError>) -> Void)?, isCancelled: Bool)>(
        (nil, false))
    package init() {}
    package var isCancelled: Bool { state.withLock { $0.isCancelled } }
    package func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
        state.withLock { $0.reader = answer }
    }
    package func cancel() {
        let reader = state.withLock { state in
            defer { state = (nil, true) }
            return state.reader
        }
        reader?(.failure(HostError(.cancelled, "")))
    }
}

/// Collects, and takes one chunk after the other, or holds back.
package final class CollectingSink: ByteSink {
    private struct State {
        var bytes: [UInt8] = []
        var isFinished = false
        var isCancelled = false
        var holds = false
        var waiting: (@Sendable (Result<Void, HostError>) -> Void)?
        var failure: HostError?
    }
    private let state = Mutex(State())

    package init(holds: Bool = false) { state.withLock { $0.holds = holds } }

    package var bytes: [UInt8] { state.withLock { $0.bytes } }
    package var isFinished: Bool { state.withLock { $0.isFinished } }
    package var isCancelled: Bool { state.withLock { $0.isCancelled } }
    /// From now on nothing is taken.
    package func fail(_ error: HostError) { state.withLock { $0.failure = error } }

    /// Takes what was held back, and from now on all.
    package func release() {
        let waiting = state.withLock { state in
            state.holds = false
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?(.success(()))
    }

    package func write(_ bytes: [UInt8], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        let result = state.withLock { state -> Result<Void, HostError>? in
            if let failure = state.failure { return .failure(failure) }
            state.bytes += bytes
            if state.holds { state.waiting = answer }
            return state.holds ? nil : .success(())
        }
        if let result { answer(result) }
    }

    package func finish(_ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        let failure = state.withLock { state in
            state.isFinished = true
            return state.failure
        }
        answer(failure.map { .failure($0) } ?? .success(()))
    }

    package func cancel() { state.withLock { $0.isCancelled = true } }
}
