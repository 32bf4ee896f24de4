// SPDX-License-Identifier: Apache-2.0

import ExecutorServer
import FoundationEssentials
import HostAPI
import NIOCore
import NIOPosix
import Testing

@Suite("A front's addresses and its end", .timeLimit(.minutes(1)))
struct LifecycleTests {
    static let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test("Draining ends idle connections, lets a request under way have its answer, and takes no other")
    func drain() async throws {
        let begun = Later<Exchange>()
        let handler = Answering { request, exchange in
            if request.head.target == "/slow" {
                begun.set(exchange)
            } else {
                exchange.respond(ResponseHead(status: 200))
            }
        }
        let front = try await HTTPFront.start(Self.options, handler)
        let target = RawClient.Target(front.addresses[0])
        let idle = try await RawClient.connect(target)
        try await idle.send(Self.request)
        _ = await idle.until("\r\n\r\n")
        let busy = try await RawClient.connect(target)
        try await busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        let exchange = await begun.get()
        let drained = Task { await front.drain(within: .seconds(30)) }
        #expect(await idle.untilEnd().statuses == [200])
        await #expect(throws: (any Error).self) { _ = try await RawClient.connect(target) }
        exchange.respond(ResponseHead(status: 200), body: Array("late".utf8))
        let text = await busy.untilEnd()
        #expect(text.contains("connection: close\r\n") && text.hasSuffix("late"))
        try await busy.close()
        #expect(await drained.value)
    }

    @Test("What is not done at the deadline of a drain is broken off, and its handler is told")
    func drainDeadline() async throws {
        let departures = Departures()
        let begun = Later<Bool>()
        let handler = Answering.observed { _, _ in
            begun.set(true)
            return departures
        }
        let front = try await HTTPFront.start(Self.options, handler)
        let client = try await RawClient.connect(RawClient.Target(front.addresses[0]))
        try await client.send(Self.request)
        _ = await begun.get()
        #expect(await front.drain(within: .milliseconds(20)) == false)
        #expect(await client.untilEnd() == "")
        #expect(await departures.left.get())
    }

    @Test("What a handler says after the end is refused, and not lost")
    func lateCalls() async throws {
        let begun = Later<Exchange>()
        let front = try await HTTPFront.start(Self.options, Answering { _, exchange in begun.set(exchange) })
        let client = try await RawClient.connect(RawClient.Target(front.addresses[0]))
        try await client.send(Self.request)
        let exchange = await begun.get()
        await front.drain(within: .zero)
        let result = Later<WriteResult>()
        exchange.start(ResponseHead(status: 200))
        exchange.write([1]) { result.set($0) }
        #expect(await result.get() == .closed)
    }

    @Test("An address in use is said, and nothing is left listening")
    func inUse() async throws {
        let front = try await HTTPFront.start(Self.options, Answering.echo)
        var options = Self.options
        options.listeners.append(.init(front.addresses[0]))
        let error = await #expect(throws: FrontError.self) { try await HTTPFront.start(options, Answering.echo) }
        #expect(error?.description.hasPrefix("\(front.addresses[0]) is in use") == true)
        await front.drain(within: .zero)
    }

    @Test("A Unix socket serves its owner, replaces one that was left behind, and spares one in use and other files")
    func unixSocket() async throws {
        let path = "\(FileManager.default.temporaryDirectory.path)/rookery-front-\(UInt32.random(in: 0 ... .max)).sock"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = Self.options
        options.listeners = [.init(try FrontAddress("unix:\(path)"))]
        let seen = Later<String>()
        let handler = Answering { request, exchange in
            seen.set(request.client)
            exchange.respond(ResponseHead(status: 200), body: Array("[\(request.head.target)]".utf8))
        }
        let front = try await HTTPFront.start(options, handler)
        let client = try await RawClient.connect(RawClient.Target(front.addresses[0]))
        try await client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(await client.until("[/a]").statuses == [200])
        #expect(await seen.get() == "unix")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode.map { $0 & 0o777 } == 0o600)
        let error = await #expect(throws: FrontError.self) { try await HTTPFront.start(options, Answering.echo) }
        #expect(error?.description.contains("is in use") == true)
        await front.drain(within: .zero)

        let left = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        try await left.close()
        let second = try await HTTPFront.start(options, handler)
        await second.drain(within: .zero)

        try? FileManager.default.removeItem(atPath: path)
        #expect(FileManager.default.createFile(atPath: path, contents: Data("kept".utf8)))
        await #expect(throws: FrontError.self) { try await HTTPFront.start(options, Answering.echo) }
        #expect(FileManager.default.contents(atPath: path) == Data("kept".utf8))
    }

    @Test(
        "Addresses are parsed, and what is none is refused",
        arguments: [
            ("127.0.0.1:80", "127.0.0.1:80"), ("[::1]:0", "[::1]:0"), ("localhost:8080", "localhost:8080"),
            ("unix:/tmp/a", "unix:/tmp/a"), ("::1:80", nil), ("80", nil), (":80", nil), ("a:", nil), ("a:65536", nil),
            ("a:080", nil), ("unix:", nil), ("[]:1", nil), ("unix:" + String(repeating: "a", count: 108), nil),
        ])
    func addresses(text: String, parsed: String?) { #expect((try? FrontAddress(text))?.description == parsed) }

    @Test("Certificates that are not there, or are none, are said before anything listens")
    func badCertificates() async throws {
        var options = Self.options
        for (certificate, key) in [
            ("Certificates/none.pem", "Certificates/key.pem"), ("Certificates/key.pem", "Certificates/key.pem"),
            ("Certificates/certificate.pem", "Corpus/requests.json"),
        ] {
            options.listeners[0].tls = TLSIdentity(certificateFile: testFile(certificate), keyFile: testFile(key))
            let error = await #expect(throws: FrontError.self) { try await HTTPFront.start(options, Answering.echo) }
            #expect(error?.description.contains(testFile(certificate)) == true)
        }
    }

    static let options = {
        var options = FrontOptions(listeners: [.init(.tcp(host: "127.0.0.1", port: 0))], loops: 2)
        options.limits = .quick
        return options
    }()
}

@Suite("Whose word counts for where a request comes from", .timeLimit(.minutes(1)))
struct ForwardingTests {
    @Test(
        "Only trusted proxies say who the client is",
        arguments: [
            ("", "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https", "127.0.0.1", "http"),
            ("127.0.0.0/8", "", "127.0.0.1", "http"),
            ("127.0.0.0/8", "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https", "1.2.3.4", "https"),
            ("127.0.0.0/8", "X-Forwarded-For: 6.6.6.6, 1.2.3.4", "1.2.3.4", "http"),
            ("127.0.0.0/8", "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 1.2.3.4:567", "1.2.3.4", "http"),
            ("127.0.0.0/8,10.0.0.0/8", "X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4", "http"),
            ("127.0.0.0/8,10.0.0.0/8", "X-Forwarded-For: 10.0.0.2, 10.0.0.1", "10.0.0.2", "http"),
            ("127.0.0.0/8,10.0.0.0/8", "X-Forwarded-For: 6.6.6.6, nonsense, 10.0.0.1", "10.0.0.1", "http"),
            ("127.0.0.0/8", "X-Forwarded-For: [2001:db8::1]:99", "2001:db8::1", "http"),
            ("127.0.0.0/8", "X-Forwarded-For: ::ffff:1.2.3.4", "1.2.3.4", "http"),
            ("127.0.0.0/8", "Forwarded: for=6.6.6.6", "127.0.0.1", "http"),
        ])
    func origins(trusted: String, fields: String, client: String, scheme: String) async throws {
        let policy = ForwardingPolicy(trusted: try trusted.split(separator: ",").map { try AddressBlock(String($0)) })
        let request = try await received(policy, fields)
        #expect(request.client == client && request.head.url == "\(scheme)://x/")
        #expect(request.head.headers.values(of: "x-forwarded-for") == [client])
        #expect(request.head.headers.values(of: "x-forwarded-proto") == [scheme])
        #expect(request.head.firstHeader("forwarded") == nil)
    }

    @Test("Forwarded is read instead where that is what proxies write")
    func forwarded() async throws {
        let policy = ForwardingPolicy(trusted: [try AddressBlock("127.0.0.1")], field: .forwarded)
        let fields = "Forwarded: for=6.6.6.6, for=\"[2001:db8::7]:1\";proto=https\r\nX-Forwarded-For: 9.9.9.9"
        let request = try await received(policy, fields)
        #expect(request.client == "2001:db8::7" && request.head.url == "https://x/")
    }

    private func received(_ policy: ForwardingPolicy, _ fields: String) async throws -> ServerRequest {
        let seen = Later<ServerRequest>()
        let handler = Answering { request, exchange in
            seen.set(request)
            exchange.respond(ResponseHead(status: 200))
        }
        return try await withFront(handler, forwarding: policy) { _, target in
            let client = try await RawClient.connect(target)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\(fields)\(fields.isEmpty ? "" : "\r\n")\r\n")
            return await seen.get()
        }
    }
}
