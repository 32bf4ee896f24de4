// SPDX-License-Identifier: Apache-2.0

import ExecutorServer
import HostAPI
import Synchronization
import Testing

@Suite("What clients may use", .timeLimit(.minutes(1)))
struct LimitTests {
    static let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test("A head that drips in is cut off with 408, and a connection that says nothing without a word")
    func slowHead() async throws {
        var limits = FrontLimits.quick
        limits.headTime = .milliseconds(50)
        try await withFront(.echo, limits: limits) { _, target in
            let silent = try await RawClient.connect(target)
            #expect(await silent.untilEnd() == "")
        }
        // The time runs from the opening on, and a busy machine may be slow to send the first byte.
        limits.headTime = .seconds(5)
        try await withFront(.echo, limits: limits) { _, target in
            let slow = try await RawClient.connect(target)
            try await slow.send("GET / HTTP/1.1\r\nHo")
            #expect(await slow.untilEnd().statuses == [408])
        }
    }

    @Test("A connection between requests is closed after its time, one whose request is worked on is not")
    func idle() async throws {
        var limits = FrontLimits.quick
        limits.idleTime = .milliseconds(50)
        let begun = Later<Exchange>()
        let handler = Answering { request, exchange in
            if request.head.target == "/slow" {
                begun.set(exchange)
            } else {
                exchange.respond(ResponseHead(status: 200))
            }
        }
        try await withFront(handler, limits: limits) { _, target in
            let slow = try await RawClient.connect(target)
            try await slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            let exchange = await begun.get()
            let idle = try await RawClient.connect(target)
            try await idle.send(Self.request)
            #expect(await idle.untilEnd().statuses == [200])
            exchange.respond(ResponseHead(status: 201))
            #expect(await slow.untilEnd().statuses == [201])
        }
    }

    @Test("A body that stops coming ends with 408, whether it is collected or streamed")
    func slowBody() async throws {
        var limits = FrontLimits.quick
        limits.progressTime = .milliseconds(50)
        let failure = Later<HostError?>()
        let handler = Answering { request, exchange in
            if case .stream(let body, _) = request.body { readToEnd(body) { failure.set($0) } }
        }
        try await withFront(handler, limits: limits) { _, target in
            let collected = try await RawClient.connect(target)
            try await collected.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
            #expect(await collected.untilEnd().statuses == [408])
            let streamed = try await RawClient.connect(target)
            try await streamed.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            #expect(await streamed.untilEnd().statuses == [408])
            #expect(await failure.get()?.code == .timedOut)
        }
    }

    @Test("A request that takes longer than it may in all is broken off, and its handler is told")
    func total() async throws {
        var limits = FrontLimits.quick
        limits.totalTime = .milliseconds(50)
        let departures = Departures()
        let handler = Answering.observed { _, _ in departures }
        try await withFront(handler, limits: limits) { _, target in
            let client = try await RawClient.connect(target)
            try await client.send(Self.request)
            #expect(await client.untilEnd() == "")
            #expect(await departures.left.get())
        }
    }

    @Test("A connection too many is told so, and there is a place once one is closed")
    func connections() async throws {
        var limits = FrontLimits.quick
        limits.connections = 2
        let begun = Mutex<[Exchange]>([])
        let both = Later<Exchange>()
        let handler = Answering { request, exchange in
            if request.head.target == "/last" { return exchange.respond(ResponseHead(status: 200)) }
            let all = begun.withLock { begun in
                begun.append(exchange)
                return begun
            }
            if all.count == 2 { both.set(all[0]) }
        }
        try await withFront(handler, limits: limits) { front, target in
            let one = try await RawClient.connect(target)
            let two = try await RawClient.connect(target)
            for client in [one, two] { try await client.send(Self.request) }
            let first = await both.get()
            let three = try await RawClient.connect(target)
            let text = await three.untilEnd()
            #expect(text.statuses == [503] && text.contains("retry-after: 1"))
            first.abort()
            while front.connections > 1 { await Task.yield() }
            let four = try await RawClient.connect(target)
            try await four.send("GET /last HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await four.until("\r\n\r\n").statuses == [200])
        }
    }

    @Test("A client that does not read keeps the handler from writing, and gets all once it reads")
    func unreadResponse() async throws {
        let counts = [Counter(), Counter()]
        let chunk = [UInt8](repeating: 65, count: 64 << 10)
        let total = 64 << 20
        let handler = Answering { request, exchange in
            let written = counts[request.head.target == "/unread" ? 0 : 1]
            exchange.start(ResponseHead(status: 200, headers: ["content-length": "\(total)"]))
            @Sendable func more() {
                if written.add(chunk.count) > total { return exchange.finish() }
                exchange.write(chunk) { if $0 == .ready { more() } }
            }
            more()
        }
        try await withFront(handler) { _, target in
            let client = try await RawClient.connect(target, reads: false, receiveBuffer: 64 << 10)
            try await client.send("GET /unread HTTP/1.1\r\nHost: x\r\n\r\n")
            let other = try await RawClient.connect(target)
            try await other.send(Self.request)
            #expect(await other.count(reaching: total) >= total)
            // By now the other client has everything, and only the system's buffers of this one are full.
            #expect(counts[0].value < 32 << 20)
            try await client.resume()
            #expect(await client.count(reaching: total) >= total)
        }
    }

    @Test("A body that nobody reads makes the client wait, and comes whole once it is read")
    func unreadBody() async throws {
        let total = 32 << 20
        let begun = Later<(RequestBodyStream, Exchange)>()
        let handler = Answering { request, exchange in
            guard case .stream(let body, _) = request.body else { return }
            begun.set((body, exchange))
        }
        try await withFront(handler) { _, target in
            let client = try await RawClient.connect(target)
            try await client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(total)\r\n\r\n")
            let sent = Later<Bool>()
            let sending = Task {
                try await client.send([UInt8](repeating: 66, count: total))
                sent.set(true)
            }
            let (body, exchange) = await begun.get()
            // Requests of another connection are served meanwhile: the loops are not what stands still.
            let count = Atomic<Int>(0)
            @Sendable func read() {
                body.read(atMost: 1 << 20) { result in
                    guard case .success(let bytes?) = result else {
                        exchange.respond(
                            ResponseHead(status: 200), body: Array("\(count.load(ordering: .relaxed))".utf8))
                        return
                    }
                    #expect(bytes.count <= 256 << 10)
                    count.add(bytes.count, ordering: .relaxed)
                    read()
                }
            }
            #expect(!sent.isSet)
            read()
            #expect(await client.until("\r\n\r\n\(total)").statuses == [200])
            try await sending.value
        }
    }

    @Test("A response before the end of a small body keeps the connection; before the end of a large one it ends it")
    func earlyResponse() async throws {
        let handler = Answering { request, exchange in
            exchange.respond(ResponseHead(status: 200), body: Array("[\(request.head.target)]".utf8))
        }
        try await withFront(handler) { _, target in
            let small = try await RawClient.connect(target)
            try await small.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
            #expect(await small.until("[/a]").statuses == [200])
            try await small.send(String(repeating: "x", count: 100000) + "GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await small.until("[/b]").statuses == [200, 200])
            let large = try await RawClient.connect(target)
            try await large.send(
                "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n"
                    + String(repeating: "x", count: 200_000))
            let text = await large.untilEnd()
            #expect(text.statuses == [200] && text.contains("connection: close") && text.hasSuffix("[/a]"))
        }
    }
}

/// A number that any thread may raise.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    @discardableResult
    func add(_ number: Int) -> Int { count.add(number, ordering: .relaxed).newValue }
}
