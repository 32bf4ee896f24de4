// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Synchronization

/// A scope with one binding, called as a script would.
struct TestHost: Sendable {
    let table: HostTable
    let scope: CallScope
    let log = Recorder<CallRecord>()

    init<C: Capability>(
        _ capability: C, _ grant: C.Grant, limits: HostLimits = .standard, chain: CallChain? = nil
    ) throws {
        table = try HostTable([capability])
        scope = CallScope(
            caller: "test", bindings: [try table.bind(C.self, as: "BINDING", grant: grant)], limits: limits,
            observer: log, chain: chain)
    }

    /// Calls by name; the arguments are charged with their size.
    func call(_ operation: String, _ arguments: HostValue...) async throws(HostError) -> HostValue {
        try await withCheckedContinuation { continuation in
            begin(operation, arguments) { continuation.resume(returning: $0) }
        }.get()
    }

    @discardableResult func begin(
        _ operation: String, _ arguments: [HostValue],
        _ answer: @escaping @Sendable (Result<HostValue, HostError>) -> Void
    ) -> PendingCall? {
        scope.call(
            table.index(of: operation) ?? -1, on: 0, argumentBytes: HostValue.list(arguments).byteCount,
            { () throws(HostError) in arguments }, answer: answer)
    }

    /// The code of the error that a call ends in; nil if it succeeds.
    func failure(_ operation: String, _ arguments: HostValue...) async -> HostError.Code? {
        await withCheckedContinuation { continuation in
            begin(operation, arguments) { result in
                if case .failure(let error) = result {
                    continuation.resume(returning: error.code)
                } else {
                    continuation.resume(returning: nil)
                }
            }
        }
    }
}

/// Keeps what it is told, from any thread.
final class Recorder<Item: Sendable>: Sendable {
    private let list = Mutex<[Item]>([])
    var items: [Item] { list.withLock { $0 } }
    func add(_ item: Item) { list.withLock { $0.append(item) } }
}

extension Recorder: HostObserver where Item == CallRecord {
    func observe(_ record: CallRecord) { add(record) }
}

/// The same numbers in every run.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func some<T>(of all: [T], atMost count: Int) -> [T] {
        (0..<Int.random(in: 0...count, using: &self)).compactMap { _ in all.randomElement(using: &self) }
    }
}

extension HostValue {
    var json: String? {
        guard case .json(let text) = self else { return nil }
        return String(decoding: text, as: UTF8.self)
    }
}

extension String {
    var data: [UInt8] { Array(utf8) }
}
