// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOHTTP1
internal import Synchronization

/// One `fetch.send`: a request, those that redirects lead to, and the answer.
final class FetchTask: Sendable {
    private struct State {
        var isOver = false
        var current: Exchange?
        /// The body that only this task knows of until it is sent.
        var upload: (any ByteStream)?
        var permits: [Permit] = []
    }

    /// One request of the task, ready to be sent.
    private struct Hop: Sendable {
        let request: FetchRequest
        let head: HTTPRequestHead
        /// Where it may be sent, in the order to try.
        var routes: [Route]
        /// How many redirects led to it.
        let redirects: Int
        var retries = 0
    }

    private let egress: HTTPEgress
    private let secrets: Secrets
    private let call: HostCall<NetworkGrant>
    private let answer: HostAnswer
    private let state = Mutex(State())

    /// What an exchange may buffer, in bytes.
    private static let bufferBytes = 64 << 10
    private static let mostRoutes = 4
    private static let mostRetries = 3

    init(_ egress: HTTPEgress, _ secrets: Secrets, _ call: HostCall<NetworkGrant>, _ answer: HostAnswer) {
        self.egress = egress
        self.secrets = secrets
        self.call = call
        self.answer = answer
    }

    func start(_ arguments: HostArguments) {
        if case .stream(let stream) = arguments[1] { state.withLock { $0.upload = stream } }
        call.onCancel { [self] in
            end(.failure(HostError(.cancelled, "the request was cancelled")))
        }
        attempt { () throws(HostError) in
            let request = try FetchRequest(arguments)
            let target = try request.target()
            let permission = try call.grant.check(target)
            let permits = [
                try call.permit(of: .concurrentRequests), try call.permit(Self.bufferBytes, of: .heldBytes),
            ]
            state.withLock { if !$0.isOver { $0.permits = permits } }
            try prepare(request, target, permission, redirects: 0)
        }
    }

    private func attempt(_ body: () throws(HostError) -> Void) {
        do throws(HostError) {
            try body()
        } catch {
            end(.failure(error))
        }
    }

    // MARK: From a request to an exchange

    private func prepare(
        _ request: FetchRequest, _ target: NetworkRequest, _ permission: NetworkGrant.Permission, redirects: Int
    ) throws(HostError) {
        try call.charge(1, of: .subrequests)
        var head = try request.head(permission, secrets, userAgent: egress.options.userAgent)
        head.headers.add(contentsOf: call.traceFields(beside: head.headers.lazy.map(\.name)))
        if let proxy = call.grant.proxy { return try prepare(request, target, head, through: proxy, redirects) }
        resolve(target) { [self, head] addresses in
            let routes = addresses.map {
                Route(isSecure: request.url.isSecure, host: request.url.host, address: $0, port: request.url.port)
            }
            begin(Hop(request: request, head: head, routes: routes, redirects: redirects))
        }
    }

    private func prepare(
        _ request: FetchRequest, _ target: NetworkRequest, _ head: HTTPRequestHead, through proxy: NetworkProxy,
        _ redirects: Int
    ) throws(HostError) {
        let url = request.url
        var head = head
        var authorization: String?
        if let template = proxy.authorization { authorization = try secrets.fill(template) }
        let isLeft =
            if case .name(let name) = url.host { proxy.resolvesNames && !AddressResolver.isLocal(name) } else { false }
        if isLeft, !url.isSecure {
            head.uri = "\(url)"
            if let authorization { head.headers.add(name: "Proxy-Authorization", value: authorization) }
        }
        let findRoutes = { @Sendable [self, head, authorization] (authorities: [String?]) in
            let tunnels = authorities.map { $0.map { Route.Tunnel(authority: $0, authorization: authorization) } }
            findProxy(proxy) { [self] addresses in
                let routes = addresses.flatMap { address in
                    tunnels.map {
                        Route(isSecure: url.isSecure, host: url.host, address: address, port: proxy.port, tunnel: $0)
                    }
                }
                begin(Hop(request: request, head: head, routes: routes, redirects: redirects))
            }
        }
        guard !isLeft else { return findRoutes([url.isSecure ? "\(url.host):\(url.port)" : nil]) }
        resolve(target) { addresses in findRoutes(addresses.map { "\(NetworkHost.address($0)):\(url.port)" }) }
    }

    private func resolve(_ target: NetworkRequest, _ found: @escaping @Sendable ([IPAddress]) -> Void) {
        egress.resolver.addresses(for: target, under: call.grant, caller: call.caller) { [self] result in
            attempt { () throws(HostError) in found(try result.get()) }
        }
    }

    /// The operator's proxy may be anywhere.
    private func findProxy(_ proxy: NetworkProxy, _ found: @escaping @Sendable ([IPAddress]) -> Void) {
        attempt { () throws(HostError) in
            let request = try NetworkRequest(scheme: "http", host: "\(proxy.host)", port: proxy.port)
            egress.resolver.addresses(for: request, under: .everything, caller: "") { [self] result in
                attempt { () throws(HostError) in found(try result.get()) }
            }
        }
    }

    private func begin(_ hop: Hop) {
        guard let route = hop.routes.first, !state.withLock({ $0.isOver }) else { return }
        egress.pool.lease(route) { [self] result in
            switch result {
            case .success(let lease): carry(hop, over: lease)
            case .failure(let error): again(hop, after: error, isUsed: false)
            }
        }
    }

    private func carry(_ hop: Hop, over lease: ConnectionPool.Lease) {
        let permits = state.withLock { $0.permits }
        let exchange = Exchange(
            hop.head, hop.request.body, host: "\(hop.request.url.host)", call: call, permits: permits
        ) { [self] result in
            switch result {
            case .success(let head): received(head, of: hop)
            case .failure(let error): again(hop, after: error, isUsed: lease.isUsed)
            }
        }
        let isOver = state.withLock { state in
            state.current = exchange
            return state.isOver
        }
        // The lease is given back by carrying the exchange, which sends nothing then.
        if isOver { exchange.cancel() }
        lease.carry(exchange)
    }

    /// Tries once more, at another address or over another connection, where that does no harm.
    private func again(_ hop: Hop, after error: TransportError, isUsed: Bool) {
        var next = hop
        let mayRetry =
            switch error.progress {
            case .notBegun: true
            case .untouched: hop.request.isRepeatable
            case .unanswered: isUsed && hop.request.isRepeatable && hop.request.isIdempotent
            case .answered: false
            }
        let hasOther = hop.routes.count > 1
        guard mayRetry, hop.retries < Self.mostRetries, hasOther || isUsed || error.progress == .untouched else {
            return end(.failure(error.error))
        }
        next.retries += 1
        if !isUsed, hasOther { next.routes.removeFirst() }
        begin(next)
    }

    // MARK: From a response to the answer

    private func received(_ head: HTTPResponseHead, of hop: Hop) {
        guard let exchange = state.withLock({ $0.current }) else { return }
        do throws(HostError) {
            if let next = try hop.request.redirected(by: head, count: hop.redirects) {
                exchange.discard { [self] in
                    attempt { () throws(HostError) in
                        let target = try next.target()
                        try prepare(next, target, try call.grant.check(target), redirects: hop.redirects + 1)
                    }
                }
            } else {
                let description = HostValue.json(
                    ResponseJSON.encode(head, url: "\(hop.request.url)", redirected: hop.redirects > 0))
                state.withLock { $0.upload = nil }
                guard hop.request.method != "HEAD", ![101, 103, 204, 205, 304].contains(head.status.code) else {
                    // Its end first, so that whoever asks next finds the connection.
                    return exchange.discard { [self] in end(.success(.list([description, .null]))) }
                }
                end(.success(.list([description, .stream(try body(of: head, hop, exchange))])))
            }
        } catch {
            exchange.cancel()
            end(.failure(error))
        }
    }

    private func body(
        of head: HTTPResponseHead, _ hop: Hop, _ exchange: Exchange
    ) throws(HostError) -> any ByteStream {
        let body = ResponseBody(exchange)
        guard hop.request.decode else { return body }
        return try DecodedBody.decoding(head.headers[canonicalForm: "content-encoding"].map { "\($0)" }, body, call)
    }

    private func end(_ result: Result<HostValue, HostError>) {
        let (exchange, upload, isFirst) = state.withLock { state in
            defer {
                state.isOver = true
                state.current = nil
                state.upload = nil
                state.permits = []
            }
            return (state.current, state.upload, !state.isOver)
        }
        guard isFirst else { return }
        if case .failure = result {
            exchange?.cancel()
            upload?.cancel()
        }
        answer(result)
    }
}

/// The head of a response as JSON text.
private enum ResponseJSON {
    static func encode(_ head: HTTPResponseHead, url: String, redirected: Bool) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(head.byteCount * 5 / 4 + url.utf8.count + 80)
        out += "{\"status\":\(head.status.code),\"statusText\":".utf8
        append(head.status.reasonPhrase, to: &out)
        out += ",\"headers\":[".utf8
        var isFirst = true
        for (name, value) in head.headers {
            if !isFirst { out.append(UInt8(ascii: ",")) }
            isFirst = false
            out.append(UInt8(ascii: "["))
            append(name, to: &out)
            out.append(UInt8(ascii: ","))
            append(value, to: &out)
            out.append(UInt8(ascii: "]"))
        }
        out += "],\"url\":".utf8
        append(url, to: &out)
        out += ",\"redirected\":\(redirected)}".utf8
        return out
    }

    /// A string in isomorphic decoding: a code unit for each byte.
    private static func append(_ text: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
            case 0x20...0x7e: out.append(byte)
            default:
                out += "\\u00".utf8
                out += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
