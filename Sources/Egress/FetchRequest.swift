// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import HostAPI
internal import NIOHTTP1

/// What to send as the body of a request.
enum RequestBody: Sendable {
    case none
    case bytes([UInt8])
    /// Can be sent once.
    case stream(any ByteStream)
}

/// What a script asks `fetch.send` for, checked; a redirect changes it.
struct FetchRequest: Sendable {
    enum RedirectMode: String, Sendable, Decodable {
        case follow
        case error
        case manual
    }

    var url: RequestURL
    var method: String
    /// As the script set them; values in isomorphic encoding: each scalar is a byte.
    var headers: [(name: String, value: String)]
    var body: RequestBody
    let redirect: RedirectMode
    let decode: Bool

    private struct Description: Decodable {
        var method: String?
        var url: String
        var headers: [[String]]?
        var redirect: RedirectMode?
        var decode: Bool?
    }

    init(_ arguments: HostArguments) throws(HostError) {
        let description = try arguments.decode(0, as: Description.self)
        method = Self.normalized(description.method ?? "GET")
        url = try RequestURL(description.url)
        redirect = description.redirect ?? .follow
        decode = description.decode ?? true
        guard !["CONNECT", "TRACE", "TRACK"].contains(method.uppercased()) else {
            throw arguments.invalid(0, "has the method \(HostError.quote(method)), which cannot be fetched with")
        }
        headers = try arguments.headers(0, description.headers ?? []) { !Self.isForbidden($0) }
        switch arguments[1] {
        case .undefined, .null: body = .none
        case .stream(let stream): body = .stream(stream)
        default: body = .bytes(try arguments.bytes(1))
        }
        if case .none = body {
        } else if ["GET", "HEAD"].contains(method) {
            throw arguments.invalid(1, "is a body, which a request with the method \(method) cannot have")
        }
    }

    /// The request as its grant is asked about it.
    func target() throws(HostError) -> NetworkRequest {
        guard !url.hasBadPort else {
            throw HostError(.denied, "port \(url.port) belongs to another protocol: no request may go there")
        }
        return try NetworkRequest(
            scheme: url.scheme, host: "\(url.host)", port: url.port, method: method, path: url.path)
    }

    private static func normalized(_ method: String) -> String {
        let upper = method.uppercased()
        return ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"].contains(upper) ? upper : method
    }

    /// Headers that say where a message ends, which server it is for, or what the connection does: the host sets them.
    /// They are left out, not refused, so that a script can pass on the headers of a request that it got.
    private static func isForbidden(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasPrefix("proxy-")
            || [
                "connection", "content-length", "expect", "host", "http2-settings", "keep-alive", "te", "trailer",
                "transfer-encoding", "upgrade",
            ].contains(name)
    }
}

// MARK: Redirects

extension FetchRequest {
    /// The request to make after a response, as HTTP-redirect fetch has it; `nil` where the response is the last.
    /// - Throws: `unavailable` where the redirect cannot be followed.
    func redirected(by head: HTTPResponseHead, count: Int) throws(HostError) -> FetchRequest? {
        guard [301, 302, 303, 307, 308].contains(head.status.code), redirect != .manual else { return nil }
        func refused(_ why: String) -> HostError {
            HostError(.unavailable, "\(url.scheme)://\(url.authority) answered with a redirect \(why)")
        }
        guard redirect != .error else { throw refused("although the request allows none") }
        let locations = head.headers["location"]
        guard let location = locations.first else { return nil }
        guard locations.count == 1 else { throw refused("to several places") }
        guard count < 20 else { throw refused("after 20 others") }
        var next = self
        do throws(HostError) {
            next.url = try RequestURL(location, base: url)
        } catch {
            throw refused("to a place that is not allowed: \(error.message)")
        }
        if head.status.code != 303, case .stream = body {
            throw refused("after its body was streamed, which cannot be sent again")
        }
        let becomesGet =
            head.status.code == 303
            ? !["GET", "HEAD"].contains(method)
            : [301, 302].contains(head.status.code) && method == "POST"
        var dropped: Set<String> = []
        if becomesGet {
            next.method = "GET"
            next.body = .none
            dropped = ["content-encoding", "content-language", "content-location", "content-type"]
        }
        if !next.url.hasOrigin(of: url) { dropped.formUnion(["authorization", "cookie", "cookie2"]) }
        next.headers.removeAll { dropped.contains($0.name.lowercased()) }
        return next
    }
}

// MARK: What is sent

extension FetchRequest {
    /// The head of the request as it leaves: with what its grant adds, and secrets for their placeholders.
    /// - Throws: `denied` for a secret that may not go there.
    func head(
        _ permission: NetworkGrant.Permission, _ secrets: Secrets, userAgent: String
    ) throws(HostError) -> HTTPRequestHead {
        var fields = HTTPHeaders([("Host", url.authority)])
        let set = Set(permission.headers.keys.map { $0.lowercased() })
        for (name, value) in headers where !set.contains(name.lowercased()) {
            fields.add(name: name, value: try secrets.fill(value, allowed: permission.secrets))
        }
        for (name, template) in permission.headers { fields.add(name: name, value: try secrets.fill(template)) }
        func addUnlessSet(_ name: String, _ value: String) {
            if !fields.contains(name: name) { fields.add(name: name, value: value) }
        }
        addUnlessSet("Accept", "*/*")
        addUnlessSet("User-Agent", userAgent)
        if decode { addUnlessSet("Accept-Encoding", fields.contains(name: "Range") ? "identity" : "gzip, deflate, br") }
        switch body {
        case .none: if ["POST", "PUT", "PATCH"].contains(method) { fields.add(name: "Content-Length", value: "0") }
        case .bytes(let bytes): fields.add(name: "Content-Length", value: "\(bytes.count)")
        case .stream: fields.add(name: "Transfer-Encoding", value: "chunked")
        }
        return HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: method), uri: url.target, headers: fields)
    }

    /// Whether the request can be sent again after a connection was lost, as far as nobody may have acted on it.
    var isRepeatable: Bool {
        if case .stream = body { return false }
        return true
    }
    /// Whether it does no harm if a server acts on it twice.
    var isIdempotent: Bool { ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].contains(method) }
}

extension HTTPRequestHead {
    /// What the head takes in HTTP/1.1.
    var byteCount: Int {
        method.rawValue.utf8.count + uri.utf8.count + 14
            + headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.unicodeScalars.count + 4 }
    }
}

extension HTTPResponseHead {
    /// What the head takes in HTTP/1.1.
    var byteCount: Int {
        17 + status.reasonPhrase.utf8.count
            + headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
    }
}
