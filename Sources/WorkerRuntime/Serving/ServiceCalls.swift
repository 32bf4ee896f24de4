// SPDX-License-Identifier: Apache-2.0
public import HostAPI
internal import Synchronization
internal import WorkerTypes

extension DeploymentHost {
    /// Serves the requests of workers to each other: what `Services` is made with.
    ///
    /// - Returns: what ends the request when nobody waits for the answer any more.
    public func serve(
        _ request: ServiceRequest, _ answer: @escaping @Sendable (Result<ServiceResponse, HostError>) -> Void
    ) -> (@Sendable () -> Void) {
        let responder = ServiceResponder(request.worker, answer)
        let body: DispatchRequest.Body
        switch request.body {
        case .none: body = .none
        case .bytes(let bytes): body = .bytes(bytes)
        case .stream(let stream): body = .stream(stream)
        }
        var dispatch = DispatchRequest(
            id: InsideIDs.next(), head: request.head.headText.latin1Bytes, body: body, responder: responder)
        dispatch.chain = request.chain
        dispatch.trace = request.trace
        dispatch.cancellation = responder.cancellation
        self.dispatch(dispatch, to: request.worker)
        return { responder.cancellation.cancel() }
    }
}

/// The way back to the worker that called.
private final class ServiceResponder: DispatchResponder, ByteSink {
    let cancellation = DispatchCancellation()
    private let worker: String
    private let answer: OneAnswer<Result<ServiceResponse, HostError>>
    private let pipe = BytePipe()

    init(_ worker: String, _ answer: @escaping @Sendable (Result<ServiceResponse, HostError>) -> Void) {
        self.worker = worker
        self.answer = OneAnswer(answer)
    }

    func respond(_ answer: DispatchAnswer) {
        let bytes = answer.body
        let body: ServiceBody = bytes.isEmpty ? .none : .bytes(bytes)
        self.answer.give(.success(ServiceResponse(head: ResponseHead(answer), body: body)))
    }

    func start(_ answer: DispatchAnswer) -> any ByteSink {
        let body = ServiceBody.stream(ServiceBodyStream(pipe, cancellation))
        self.answer.give(.success(ServiceResponse(head: ResponseHead(answer), body: body)))
        return self
    }

    func fail(_ failure: DispatchFailure) {
        let message =
            switch failure {
            case .unknownWorker: "there is no worker \"\(worker)\""
            case .overloaded: "too many requests wait for the worker \"\(worker)\""
            case .shuttingDown: "the server is about to end"
            case .lost: "the process of the worker \"\(worker)\" has ended"
            case .ended(let outcome): "the worker \"\(worker)\" did not answer: \(outcome.rawValue)"
            }
        answer.give(.failure(HostError(.unavailable, message)))
    }

    func abort() { pipe.fail(HostError(.unavailable, "the worker \"\(worker)\" did not send all of its answer")) }

    func write(_ bytes: [UInt8], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        pipe.write(bytes, answer)
    }

    func finish(_ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) { pipe.finish(answer) }

    func cancel() { abort() }
}

/// What is read of an answer. Who does not read on says so to the worker that writes it.
private final class ServiceBodyStream: ByteStream {
    private let pipe: BytePipe
    private let cancellation: DispatchCancellation

    init(_ pipe: BytePipe, _ cancellation: DispatchCancellation) {
        self.pipe = pipe
        self.cancellation = cancellation
    }

    func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
        pipe.read(atMost: count, answer)
    }

    func cancel() {
        pipe.cancel()
        cancellation.cancel()
    }
}
