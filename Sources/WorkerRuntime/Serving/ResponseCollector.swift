// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Synchronization
public import WorkerTypes

/// A worker's whole answer.
public struct WorkerResponse: Sendable, Equatable {
    /// Status and headers.
    public var head: ResponseHead
    /// All of the body.
    public var body: [UInt8]
}

/// Collects an answer, whole or streamed.
final class ResponseCollector: DispatchResponder, ByteSink {
    private let most: Int
    private let completion: OneAnswer<Result<WorkerResponse, DispatchFailure>>
    private let response = Mutex(WorkerResponse(head: ResponseHead(status: 0), body: []))

    init(most: Int, _ completion: @escaping @Sendable (Result<WorkerResponse, DispatchFailure>) -> Void) {
        self.most = most
        self.completion = OneAnswer(completion)
    }

    func respond(_ answer: DispatchAnswer) {
        completion.give(.success(WorkerResponse(head: ResponseHead(answer), body: answer.body)))
    }

    func start(_ answer: DispatchAnswer) -> any ByteSink {
        response.withLock { $0.head = ResponseHead(answer) }
        return self
    }

    func fail(_ failure: DispatchFailure) { completion.give(.failure(failure)) }

    func abort() { completion.give(.failure(.ended(.exception))) }

    func write(_ bytes: [UInt8], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        let fits = response.withLock { response in
            guard response.body.count + bytes.count <= most else { return false }
            response.body += bytes
            return true
        }
        if !fits { completion.give(.failure(.ended(.exception))) }
        answer(fits ? .success(()) : .failure(HostError(.exhausted, "the answer has more than \(most) bytes")))
    }

    func finish(_ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        completion.give(.success(response.withLock { $0 }))
        answer(.success(()))
    }

    func cancel() { abort() }
}

/// Waits for the end of a scheduled run.
final class ScheduledWaiter: DispatchResponder {
    private let completion: OneAnswer<Result<Outcome, DispatchFailure>>

    init(_ completion: @escaping @Sendable (Result<Outcome, DispatchFailure>) -> Void) {
        self.completion = OneAnswer(completion)
    }

    func respond(_ answer: DispatchAnswer) { completion.give(.success(.ok)) }
    func start(_ answer: DispatchAnswer) -> any ByteSink { ResponseCollector(most: 0) { _ in } }
    func fail(_ failure: DispatchFailure) {
        if case .ended(let outcome) = failure {
            completion.give(.success(outcome))
        } else {
            completion.give(.failure(failure))
        }
    }
    func abort() {}
}

/// Calls back once, however often it is given an answer.
final class OneAnswer<Value: Sendable>: Sendable {
    private let completion: Mutex<(@Sendable (Value) -> Void)?>

    init(_ completion: @escaping @Sendable (Value) -> Void) { self.completion = Mutex(completion) }

    func give(_ value: Value) {
        let completion = completion.withLock { completion in
            defer { completion = nil }
            return completion
        }
        completion?(value)
    }
}

extension ResponseHead {
    init(_ answer: DispatchAnswer) {
        let lines = answer.headers.latin1Text.split(separator: "\n", omittingEmptySubsequences: false)
        let fields = stride(from: 0, to: lines.count - 1, by: 2).map {
            HeaderField(String(lines[$0]), String(lines[$0 + 1]))
        }
        self.init(status: answer.status, statusText: answer.statusText, headers: fields)
    }
}
