// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
public import HostAPI
internal import Synchronization

/// What workers of a shard were granted: operations that the supervisor performs, and some that the shard does itself.
///
/// The scopes of dispatches are made with the dispatch's number: `CallScope(…, dispatch: UInt64(dispatch.id))`.
public struct RemoteHost: Sendable {
    private let link: ShardLink
    private let local: HostTable
    private let mostWait: Duration

    /// - Parameters:
    ///   - link: to the supervisor.
    ///   - local: what the shard can do itself, where a description says so: clocks, random numbers, lines of logs.
    ///   - mostWait: how long an isolate's thread waits for an operation that answers at once but is the supervisor's.
    public init(_ link: ShardLink, local: HostTable, mostWait: Duration = .seconds(5)) {
        self.link = link
        self.local = local
        self.mostWait = mostWait
    }

    /// The bindings of a worker, in their order.
    /// - Parameter version: the worker's; 0: there is only one.
    /// - Throws: `GrantError` for a binding that the shard should, and cannot, make itself.
    public func bindings(
        _ descriptions: [BindingDescription], version: Int = 0
    ) throws(GrantError) -> [HostBinding] {
        var bindings: [HostBinding] = []
        for (place, description) in descriptions.enumerated() {
            switch description.place {
            case .local(let grant):
                bindings.append(try local.bind(description.capability, as: description.name, json: grant))
            case .remote: bindings.append(remote(description, place, version))
            }
        }
        return bindings
    }

    private func remote(_ description: BindingDescription, _ place: Int, _ version: Int) -> HostBinding {
        let operations = description.operations.enumerated().map { offset, operation in
            let index = description.first + offset
            return operation.answersAtOnce
                ? HostOperation<RemoteBinding>(sync: operation.name, mostArgumentBytes: operation.mostArgumentBytes) {
                    (arguments: HostArguments, call) throws(HostError) in
                    try call.access.callNow(index, arguments, call)
                }
                : HostOperation<RemoteBinding>(later: operation.name, mostArgumentBytes: operation.mostArgumentBytes) {
                    arguments, call, answer in call.access.callLater(index, arguments, call, answer)
                }
        }
        return HostBinding(
            name: description.name, capability: description.capability, first: description.first,
            access: RemoteBinding(link: link, place: place, version: version, mostWait: mostWait),
            operations: operations)
    }
}

/// A binding whose operations the supervisor performs.
struct RemoteBinding: Sendable {
    let link: ShardLink
    /// Its position among the worker's.
    let place: Int
    let version: Int
    let mostWait: Duration

    func callLater(
        _ operation: Int, _ arguments: HostArguments, _ call: HostCall<RemoteBinding>, _ answer: HostAnswer
    ) {
        do throws(HostError) {
            let id = try link.call(
                operation, on: place, of: call.dispatch, version: version, arguments.values
            ) { answer($0) }
            call.onCancel { link.cancelCall(id) }
        } catch {
            answer(.failure(error))
        }
    }

    func callNow(
        _ operation: Int, _ arguments: HostArguments, _ call: HostCall<RemoteBinding>
    ) throws(HostError) -> HostValue {
        let wait = AnswerWait()
        let id = try link.call(
            operation, on: place, of: call.dispatch, version: version, arguments.values
        ) { wait.settle($0) }
        guard let result = wait.result(within: mostWait) else {
            link.cancelCall(id)
            throw HostError(.timedOut, "\(call.operation) was not answered in \(mostWait)")
        }
        return try result.get()
    }
}

/// Holds a thread until its answer is there.
private final class AnswerWait: Sendable {
    private enum State {
        case waiting
        case answered(Result<HostValue, HostError>)
        case left
    }

    private let semaphore = DispatchSemaphore(value: 0)
    private let state = Mutex(State.waiting)

    func settle(_ result: Result<HostValue, HostError>) {
        let isLate = state.withLock { state in
            guard case .waiting = state else { return true }
            state = .answered(result)
            return false
        }
        if isLate, case .success(let value) = result { value.discard() }
        semaphore.signal()
    }

    /// `nil`: it did not come in time, and is forgotten when it does.
    func result(within time: Duration) -> Result<HostValue, HostError>? {
        let (seconds, attoseconds) = time.components
        let nanoseconds = Int(min(seconds, 3600)) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        _ = semaphore.wait(timeout: .now() + .nanoseconds(nanoseconds))
        return state.withLock { state in
            defer { state = .left }
            if case .answered(let result) = state { return result }
            return nil
        }
    }
}
