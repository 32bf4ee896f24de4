// SPDX-License-Identifier: Apache-2.0

import ExecutorServer
import HostAPI
import Synchronization
import Testing

@Suite("Requests and responses of HTTP/1", .timeLimit(.minutes(1)))
struct ExchangeTests {
    @Test("A connection is kept for the next request")
    func keepAlive() async throws {
        try await withFront(.echo) { _, target in
            let client = try await RawClient.connect(target)
            try await client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await client.until("GET /a").statuses == [200])
            try await client.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
            let text = await client.until("POST /b 3")
            #expect(text.statuses == [200, 200])
            #expect(text.contains("date: ") && text.contains(" GMT\r\n") && text.contains("content-length: 9\r\n"))
            #expect(!text.contains("connection:"))
        }
    }

    @Test("Requests that come together are worked on at once and answered in order, whatever is done first")
    func pipelining() async throws {
        let held = Mutex<[Exchange]>([])
        let handler = Answering { request, exchange in
            let all = held.withLock { held in
                held.append(exchange)
                return held.count == 5 ? held : []
            }
            for (index, exchange) in all.enumerated().reversed() {
                if index == 3 {
                    exchange.start(ResponseHead(status: 200))
                    exchange.write(Array("three".utf8)) { _ in exchange.finish() }
                } else {
                    exchange.respond(ResponseHead(status: 200), body: Array("body \(index)".utf8))
                }
            }
        }
        try await withFront(handler) { _, target in
            let client = try await RawClient.connect(target)
            let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
            try await client.send(String(repeating: request, count: 5))
            let text = await client.until("body 4")
            let order = ["body 0", "body 1", "body 2", "three", "body 4"].map { part in
                text.firstRange(of: part)?.lowerBound
            }
            #expect(order.allSatisfy { $0 != nil })
            #expect(order.compactMap { $0 } == order.compactMap { $0 }.sorted())
        }
    }

    @Test("No more requests of a connection are begun than its limit says")
    func depth() async throws {
        let begun = Mutex<[Exchange]>([])
        let three = Later<Bool>()
        let handler = Answering { _, exchange in
            let count = begun.withLock { begun in
                begun.append(exchange)
                return begun.count
            }
            if count == 3 { three.set(true) }
            if count > 3 { exchange.respond(ResponseHead(status: 200)) }
        }
        var limits = FrontLimits.quick
        limits.requestsInFlight = 3
        try await withFront(handler, limits: limits) { _, target in
            let client = try await RawClient.connect(target)
            try await client.send(String(repeating: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 10))
            _ = await three.get()
            #expect(begun.withLock { $0.count } == 3)
            for exchange in begun.withLock({ $0 }) { exchange.respond(ResponseHead(status: 200)) }
            #expect(await client.until("HTTP/1.1 200", times: 10).statuses.count == 10)
        }
    }

    @Test("HTTP/1.0 closes after the answer, or keeps the connection if it is asked to")
    func http10() async throws {
        try await withFront(.echo) { _, target in
            let one = try await RawClient.connect(target)
            try await one.send("GET /a HTTP/1.0\r\n\r\n")
            #expect(await one.untilEnd().contains("connection: close\r\n"))
            let two = try await RawClient.connect(target)
            try await two.send("GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
            #expect(await two.until("GET /a").contains("connection: keep-alive\r\n"))
            try await two.send("GET /b HTTP/1.0\r\n\r\n")
            #expect(await two.untilEnd().contains("GET /b"))
        }
    }

    @Test("HEAD has the length and no body")
    func head() async throws {
        try await withFront(.echo) { _, target in
            let client = try await RawClient.connect(target)
            try await client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n")
            let text = await client.until("GET /b")
            #expect(text.contains("content-length: 7\r\n\r\nHTTP/1.1 200"))
        }
    }

    @Test("204 and 304 have neither body nor length", arguments: [204, 304])
    func bodyless(status: Int) async throws {
        let handler = Answering { _, exchange in exchange.respond(ResponseHead(status: status), body: Array("no".utf8))
        }
        try await withFront(handler) { _, target in
            let client = try await RawClient.connect(target)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let text = await client.untilEnd()
            #expect(text.hasSuffix("\r\n\r\n") && !text.contains("content-length"))
        }
    }

    @Test("A streamed body is chunked, and to a client of HTTP/1.0 it ends with the connection")
    func streamed() async throws {
        let handler = Answering { _, exchange in
            exchange.start(ResponseHead(status: 200, headers: ["x-a": "b"]))
            exchange.write(Array("hello ".utf8)) { _ in
                exchange.write(Array("world".utf8)) { _ in exchange.finish() }
            }
        }
        try await withFront(handler) { _, target in
            let one = try await RawClient.connect(target)
            try await one.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let text = await one.until("0\r\n\r\n")
            #expect(text.contains("transfer-encoding: chunked\r\n"))
            #expect(text.hasSuffix("\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n"))
            let two = try await RawClient.connect(target)
            try await two.send("GET / HTTP/1.0\r\n\r\n")
            let whole = await two.untilEnd()
            #expect(whole.hasSuffix("\r\n\r\nhello world") && !whole.contains("chunked"))
        }
    }

    @Test("A script cannot end a header line, nor say how the response is framed")
    func hostileHeaders() async throws {
        var bytes = Array("a\nb\nset-cookie\nc\rd\ntransfer-encoding\ngzip\nconnection\nx\nx y\nz\n\nempty\n".utf8)
        bytes += Array("content-length\n999\nok\nyes\nno-value-end".utf8)
        let block = HeaderBlock(bytes: bytes)
        let handler = Answering { _, exchange in
            exchange.respond(ResponseHead(status: 200, headers: block), body: Array("hi".utf8))
        }
        try await withFront(handler) { _, target in
            let client = try await RawClient.connect(target)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let text = await client.untilEnd()
            let head = text.split(separator: "\r\n\r\n")[0].split(separator: "\r\n").filter { !$0.hasPrefix("date:") }
            #expect(head == ["HTTP/1.1 200 OK", "a: b", "ok: yes", "content-length: 2", "connection: close"])
        }
    }

    @Test(
        "A streamed body that does not keep the length it announced breaks the connection", arguments: ["ab", "abcd"])
    func brokenLength(body: String) async throws {
        let handler = Answering { _, exchange in
            exchange.start(ResponseHead(status: 200, headers: ["content-length": "3"]))
            exchange.write(Array(body.utf8)) { _ in exchange.finish() }
        }
        try await withFront(handler) { _, target in
            let client = try await RawClient.connect(target)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let text = await client.untilEnd()
            #expect(text.statuses.count == 1 && !text.contains("abcd"))
        }
    }

    @Test("100 Continue is sent once the body is wanted, and not where it is refused")
    func expectation() async throws {
        let handler = Answering { request, exchange in
            guard case .stream(let body, _) = request.body else {
                exchange.respond(ResponseHead(status: 200), body: Array("collected".utf8))
                return
            }
            if request.head.target == "/refuse" { return exchange.respond(ResponseHead(status: 403)) }
            body.read(atMost: 100) { result in
                exchange.respond(ResponseHead(status: 200), body: (try? result.get()) ?? [])
            }
        }
        let chunked = "Host: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
        try await withFront(handler) { _, target in
            let small = try await RawClient.connect(target)
            try await small.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(await small.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await small.send("ab")
            #expect(await small.until("collected").statuses == [100, 200])

            let stream = try await RawClient.connect(target)
            try await stream.send("POST / HTTP/1.1\r\n" + chunked)
            #expect(await stream.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await stream.send("3\r\nabc\r\n0\r\n\r\n")
            #expect(await stream.until("abc").statuses == [100, 200])

            let refused = try await RawClient.connect(target)
            try await refused.send("POST /refuse HTTP/1.1\r\n" + chunked)
            let text = await refused.untilEnd()
            #expect(text.statuses == [403] && text.contains("connection: close"))
        }
    }

    @Test("A body over the limit is refused when it is announced, and when it is counted")
    func bodyLimit() async throws {
        var limits = FrontLimits.quick
        limits.bodyBytes = 10
        limits.collectedBody = 5
        let failure = Later<HostError?>()
        let handler = Answering { request, exchange in
            guard case .stream(let body, _) = request.body else { return exchange.respond(ResponseHead(status: 200)) }
            readToEnd(body) { failure.set($0) }
        }
        try await withFront(handler, limits: limits) { _, target in
            let announced = try await RawClient.connect(target)
            try await announced.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n")
            #expect(await announced.untilEnd().statuses == [413])
            let counted = try await RawClient.connect(target)
            try await counted.send(
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\nabcdef\r\n")
            #expect(await counted.untilEnd().statuses == [413])
            #expect(await failure.get()?.code == .exhausted)
        }
    }

    @Test("A body arrives whole through the chunked coding, also byte by byte, and the connection goes on")
    func chunkedBody() async throws {
        let handler = Answering { request, exchange in
            guard case .stream(let body, let length) = request.body else {
                return exchange.respond(ResponseHead(status: 200), body: Array("next".utf8))
            }
            #expect(length == nil)
            collect(body) { bytes in exchange.respond(ResponseHead(status: 200), body: bytes) }
        }
        try await withFront(handler) { _, target in
            let client = try await RawClient.connect(target)
            let text =
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5;a=b\r\nhello\r\n00a\r\n 123456789\r\n0\r\nTrailer: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"
            for byte in text.utf8 { try await client.send([byte]) }
            let answer = await client.until("next")
            #expect(answer.contains("hello 123456789"))
            #expect(answer.statuses == [200, 200])
        }
    }

    @Test("The head reaches the handler in one piece, with names in lower case and without fields of the hop")
    func headLayout() async throws {
        let seen = Later<ServerRequest>()
        let handler = Answering { request, exchange in
            seen.set(request)
            exchange.respond(ResponseHead(status: 200))
        }
        try await withFront(handler) { _, target in
            let client = try await RawClient.connect(target)
            try await client.send(
                "GET http://Acme.Localhost:80/p?q=1 HTTP/1.1\r\nHOST: acme.localhost:80\r\n"
                    + "Connection: keep-alive, x\r\nX-Name:  a b \t\r\nTE: trailers\r\nX-Forwarded-For: 1.2.3.4\r\nForwarded: for=9.9.9.9\r\n\r\n"
            )
            let request = await seen.get()
            #expect(
                String(decoding: request.head.bytes, as: UTF8.self)
                    == "GET\nhttp://acme.localhost/p?q=1\nhost\nacme.localhost:80\nx-name\na b\n"
                    + "x-forwarded-for\n127.0.0.1\nx-forwarded-proto\nhttp\n")
            #expect(request.head.url == "http://acme.localhost/p?q=1")
            #expect(request.head.authority == "acme.localhost" && request.head.target == "/p?q=1")
            #expect(request.head.firstHeader("x-name") == "a b" && request.client == "127.0.0.1")
        }
    }

    @Test("A client that goes away is noticed; one that only ends sending still has its answer")
    func departures() async throws {
        let departures = Departures()
        let begun = Later<Exchange>()
        let handler = Answering.observed({ _, exchange in
            begun.set(exchange)
            return departures
        })
        try await withFront(handler) { _, target in
            let client = try await RawClient.connect(target)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let exchange = await begun.get()
            try await client.endSending()
            #expect(await departures.ended.get())
            #expect(!departures.left.isSet)
            exchange.respond(ResponseHead(status: 200), body: Array("late".utf8))
            #expect(await client.untilEnd().hasSuffix("late"))
        }
        let gone = Departures()
        let second = Later<Exchange>()
        let streaming = Answering.observed({ _, exchange in
            exchange.start(ResponseHead(status: 200))
            second.set(exchange)
            return gone
        })
        try await withFront(streaming) { _, target in
            let client = try await RawClient.connect(target)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let exchange = await second.get()
            _ = await client.until("\r\n\r\n")
            try await client.close()
            writeForEver(exchange, Array(repeating: 65, count: 1000))
            #expect(await gone.left.get())
        }
    }
}

@Sendable func readToEnd(_ body: RequestBodyStream, _ ended: @escaping @Sendable (HostError?) -> Void) {
    body.read(atMost: 1 << 16) { result in
        switch result {
        case .success(nil): ended(nil)
        case .success: readToEnd(body, ended)
        case .failure(let error): ended(error)
        }
    }
}

@Sendable func collect(
    _ body: RequestBodyStream, _ gathered: [UInt8] = [], _ done: @escaping @Sendable ([UInt8]) -> Void
) {
    body.read(atMost: 7) { result in
        if case .success(let bytes?) = result { collect(body, gathered + bytes, done) } else { done(gathered) }
    }
}

@Sendable func writeForEver(_ exchange: Exchange, _ bytes: [UInt8]) {
    exchange.write(bytes) { if $0 == .ready { writeForEver(exchange, bytes) } }
}
