// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import WorkerTypes

/// Requests of a worker to another one of the same process, without a network.
///
/// | operation | arguments | answers |
/// |---|---|---|
/// | `worker.send` | request, body | when the head of the response is there: a list of its head, and its body as bytes, a stream, or `null` |
///
/// The request is an object: `{"method":"GET","url":"https://…","headers":[["name","value"],…]}`; its URL may be any and
/// arrives as it is. The body is left out, bytes or a string, or a stream that is read as the other worker reads it. The
/// head is `{"status":200,"statusText":"","headers":[["name","value"],…],"url":"https://…","redirected":false}`.
///
/// Each request costs a subrequest of the dispatch that makes it and of all that wait for that one; nothing counts as
/// sent over the network. It is one of `concurrentRequests` until its body was read to the end, failed or was cancelled.
public struct Services: Capability {
    /// Serves a request, and answers once, from any thread. Begins on the isolate's thread: return soon.
    ///
    /// - Returns: what ends the request when nobody waits for the answer any more.
    public typealias Server =
        @Sendable (ServiceRequest, _ answer: @escaping @Sendable (Result<ServiceResponse, HostError>) -> Void) ->
        (@Sendable () -> Void)

    /// `worker`.
    public static let name = "worker"
    /// Which worker.
    public typealias Grant = ServiceGrant

    private let server: Server

    /// Requests that a function serves.
    public init(_ server: @escaping Server) { self.server = server }

    /// The most that the arguments of `send` may have, in bytes: bodies that are larger are streamed.
    public static let mostArgumentBytes = 32 << 20

    /// `send`.
    public var operations: [Operation] {
        [
            Operation(later: "send", mostArgumentBytes: Self.mostArgumentBytes) { [server] arguments, call, answer in
                let upload: (any ByteStream)? = if case .stream(let stream) = arguments[1] { stream } else { nil }
                do throws(HostError) {
                    let permit = try call.permit(of: .concurrentRequests)
                    let request = try ServiceRequest(arguments, call)
                    let end = server(request) { result in
                        if case .failure = result { upload?.cancel() }
                        answer { () throws(HostError) in try result.get().answer(to: request, permit) }
                    }
                    call.onCancel {
                        upload?.cancel()
                        end()
                    }
                } catch {
                    upload?.cancel()
                    answer(.failure(error))
                }
            }
        ]
    }
}

/// The grant to call a worker.
public struct ServiceGrant: HostGrant, Hashable {
    /// The worker's name; `nil` is none, which no call is made to.
    public private(set) var name: String?

    /// A grant of this worker.
    public init(name: String) { self.name = name }

    private init(_ name: String?) { self.name = name }

    /// That worker, if both grant it.
    public func narrowed(by other: ServiceGrant) -> ServiceGrant { ServiceGrant(name == other.name ? name : nil) }

    /// Decodes `{"name":…}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(["name"])
        name = try container.decode(String?.self, forKey: GrantKey("name"))
    }

    /// Encodes the name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: GrantKey.self)
        try container.encode(name, forKey: GrantKey("name"))
    }
}

/// The body of a message between workers.
public enum ServiceBody: Sendable {
    case none
    case bytes([UInt8])
    /// To be read once. Who takes it reads it to its end or cancels it.
    case stream(any ByteStream)
}

/// A request of one worker to another.
public struct ServiceRequest: Sendable {
    /// The name of the worker that is asked.
    public let worker: String
    /// Method, URL and headers; its body is `nil`.
    public let head: WorkerRequest
    /// The body.
    public let body: ServiceBody
    /// What the scope of its dispatch is to be made with.
    public let chain: CallChain
    /// What its headers say of a trace.
    public let trace: TraceContext?

    private struct Description: Decodable {
        var method: String
        var url: String
        var headers: [[String]]
    }

    /// Checks a request, then charges it.
    init(_ arguments: HostArguments, _ call: HostCall<ServiceGrant>) throws(HostError) {
        guard let worker = call.grant.name else {
            throw .denied("calling a worker", allowedBy: "a binding of one worker")
        }
        let description = try arguments.decode(0, as: Description.self)
        guard NetworkRequest.isToken(description.method) else {
            throw arguments.invalid(0, "has \(HostError.quote(description.method)), which is no method")
        }
        guard description.url.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw arguments.invalid(0, "has \(HostError.quote(description.url)), which is no parsed URL")
        }
        var head = WorkerRequest(description.method, description.url)
        head.headers = try arguments.headers(0, description.headers).map { HeaderField($0.name, $0.value) }
        switch arguments[1] {
        case .undefined, .null: body = .none
        case .stream(let stream): body = .stream(stream)
        default:
            let bytes = try arguments.bytes(1)
            body = .bytes(bytes)
            if !head.headers.contains(where: { $0.name.lowercasedASCII == "content-length" }) {
                head.headers.append(HeaderField("content-length", "\(bytes.count)"))
            }
        }
        chain = try call.extendChain()
        for (name, value) in call.traceFields(beside: head.headers.map(\.name)) {
            head.headers.append(HeaderField(name, value))
        }
        trace = TraceContext { name in head.headers.filter { $0.name.lowercasedASCII == name }.map(\.value) }
        self.worker = worker
        self.head = head
    }
}

/// The response of one worker to another.
public struct ServiceResponse: Sendable {
    /// What it begins with.
    public var head: ResponseHead
    /// The body.
    public var body: ServiceBody

    /// A response.
    public init(head: ResponseHead, body: ServiceBody = .none) {
        self.head = head
        self.body = body
    }

    private struct Description: Encodable {
        let status: Int
        let statusText: String
        let headers: [[String]]
        let url: String
        let redirected = false
    }

    fileprivate func answer(to request: ServiceRequest, _ permit: Permit) throws(HostError) -> HostValue {
        let head = try HostValue(
            encoding: Description(
                status: head.status, statusText: head.statusText, headers: head.headers.map { [$0.name, $0.value] },
                url: request.head.url))
        return switch body {
        case .none: .list([head, .null])
        case .bytes(let bytes): .list([head, .bytes(bytes)])
        case .stream(let stream): .list([head, .stream(ServiceStream(stream, permit))])
        }
    }
}

/// The body of a response, which holds its request's place. Whoever lets go of it before its end cancels it.
private final class ServiceStream: ByteStream {
    private let stream: any ByteStream
    private let permit: Permit
    private let isOver = Atomic(false)

    init(_ stream: any ByteStream, _ permit: Permit) {
        self.stream = stream
        self.permit = permit
    }

    deinit { cancel() }

    func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
        stream.read(atMost: count) { [self] result in
            if case .success(_?) = result {} else { isOver.store(true, ordering: .relaxed) }
            answer(result)
        }
    }

    func cancel() {
        if !isOver.exchange(true, ordering: .relaxed) { stream.cancel() }
    }
}
