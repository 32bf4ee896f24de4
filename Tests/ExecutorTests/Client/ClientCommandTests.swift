// SPDX-License-Identifier: Apache-2.0
import ExecutorServer
import FoundationEssentials
import NIOCore
import NIOPosix
import Synchronization
import Testing

@Suite("The client's commands", .timeLimit(.minutes(2)))
struct ClientCommandTests {
    private let folder: ScriptFolder

    init() throws { folder = try ScriptFolder() }

    // MARK: list

    @Test("list follows the pages, and shows no control characters")
    func list() async throws {
        try await withAdmin(
            FakeAdmin { asked, exchange in
                asked.target == "/v1/workers"
                    ? exchange.json(
                        200,
                        #"{"workers":[{"name":"a","version":2,"created":"2026-01-02T03:04:05Z","requests":12,"errors":1,"#
                            + #""isolates":1,"memoryBytes":3145728,"cpuMicroseconds":1500}],"next":"a"}"#)
                    : exchange.json(
                        200,
                        #"{"workers":[{"name":"b\u001b[31m","version":1,"created":1767323045000,"fault":"f\u001b"}],"#
                            + #""next":null}"#)
            }
        ) { url, admin in
            let run = try await folder.rookery("list", "--admin", url)
            run.expect(0)
            let lines = run.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            #expect(lines.count == 3, "\(run)")
            #expect(lines[0].first == "NAME")
            #expect(lines[1] == ["a", "2", "2026-01-02T03:04:05Z", "12", "1", "1", "3.0", "MiB", "1.5", "ms"])
            #expect(lines[2].first == "b\\x1b[31m")
            #expect(run.errors == "rookery: the worker b\\x1b[31m: f\\x1b\n")
            #expect(admin.asked.map(\.line) == ["GET /v1/workers", "GET /v1/workers?after=a"])
            let json = try await folder.rookery("list", "--json", "--admin", url)
            json.expect(0)
            #expect(try json.report().elements.map { $0["version"] } == [.number(2), .number(1)])
        }
    }

    // MARK: rollback and delete

    @Test("rollback and delete ask for what they say")
    func changes() async throws {
        try await withAdmin(
            FakeAdmin { asked, exchange in
                switch asked.line {
                case "POST /v1/workers/links/rollback": exchange.json(200, #"{"name":"links","version":4}"#)
                case "DELETE /v1/workers/links": exchange.respond(.init(status: 204))
                default: exchange.refuse(404, "notFound", "there is no worker")
                }
            }
        ) { url, admin in
            let back = try await folder.rookery("rollback", "links", "--version", "4", "--admin", url)
            back.expect(0, output: "links version 4 is in service\n")
            #expect(try admin.asked.first?.json() == .object(["version": .number(4)]))
            try await folder.rookery("rollback", "links", "--admin", url).expect(0)
            #expect(try admin.asked.last?.json() == .object([:]))
            try await folder.rookery("delete", "links", "--admin", url).expect(2, errors: ["give --yes"])
            #expect(admin.asked.count == 2)
            try await folder.rookery("delete", "links", "--yes", "--admin", url).expect(0, output: "links is removed\n")
            try await folder.rookery("delete", "other", "--yes", "--admin", url).expect(
                1, output: "", errors: ["rookery: there is no worker"])
            try await folder.rookery("rollback", "links", "--version", "0", "--admin", url).expect(2)
        }
    }

    // MARK: logs

    private static let line = """
        event: line
        data: {"id":1,"worker":"w","version":2,"level":"warn","message":"one\\n\\u001b[2Jtwo","time":1767323045000}


        """
    private static let record = """
        : still here

        event: record
        data: {"id":1,"worker":"w","version":2,"kind":"fetch","time":1767323045000,"method":"GET",
        data: "url":"http://w.localhost/x","status":500,"outcome":"exception","start":"cold","waitMicroseconds":5,
        data: "usage":{"cpuMicroseconds":400,"wallMicroseconds":2500,"heapPeakBytes":0,"externalPeakBytes":0,
        data: "memoryPeakBytes":0,"subrequests":0,"egressBytes":0,"hostCalls":0},"requestBytes":0,"responseBytes":0,
        data: "error":"TypeError: x","stack":"TypeError: x\\n    at src/a.ts:1:2"}


        """

    @Test("logs prints lines and records, connects again, and ends when nobody reads")
    func logs() async throws {
        let connections = Mutex(0)
        try await withAdmin(
            FakeAdmin { asked, exchange in
                let number = connections.withLock { count in
                    count += 1
                    return count
                }
                // The first connection ends in order, the second one breaks, the third one goes on.
                switch number {
                case 1: exchange.events(Self.line) { exchange.finish() }
                case 2: exchange.events(Self.record) { exchange.abort() }
                default: exchange.events(Self.line) { Self.repeatLine(exchange) }
                }
            }
        ) { url, admin in
            let run = try await folder.shell(
                "unset ROOKERY_ADMIN ROOKERY_ADMIN_TOKEN; TZ=UTC \"$1\" logs w --admin \(url) | head -n 6")
            #expect(
                run.output == """
                    03:04:05 warn  one
                             \\x1b[2Jtwo
                    03:04:05 fetch GET http://w.localhost/x 500 exception 2.5 ms, cpu 400 µs, cold, version 2
                             TypeError: x
                                 at src/a.ts:1:2
                    03:04:05 warn  one

                    """, "\(run)")
            #expect(admin.asked.map(\.line) == Array(repeating: "GET /v1/workers/w/logs", count: 3))
        }
    }

    /// Until nobody reads.
    private static func repeatLine(_ exchange: Exchange) {
        exchange.write(Array(line.utf8)) { result in
            if result == .ready { repeatLine(exchange) }
        }
    }

    @Test("Each line of logs --json is one object")
    func logsJSON() async throws {
        try await withAdmin(
            FakeAdmin { _, exchange in exchange.events(Self.line + Self.record) { Self.repeatLine(exchange) } }
        ) { url, _ in
            let run = try await folder.shell(
                "unset ROOKERY_ADMIN ROOKERY_ADMIN_TOKEN; \"$1\" logs w --json --admin \(url) | head -n 2")
            let lines = try run.output.split(separator: "\n").map {
                try JSONDecoder().decode(JSON.self, from: Data($0.utf8))
            }
            #expect(lines.map { $0["event"] } == [.string("line"), .string("record")], "\(run)")
            #expect(lines.first?["data"]?["message"] == .string("one\n\u{1b}[2Jtwo"))
            #expect(lines.last?["data"]?["outcome"] == .string("exception"))
        }
    }

    @Test("logs of a worker that is not there end at once")
    func logsOfNone() async throws {
        try await withAdmin(FakeAdmin { _, exchange in exchange.refuse(404, "notFound", "there is no worker w") }) {
            url, _ in
            try await folder.rookery("logs", "w", "--admin", url).expect(
                1, output: "", errors: ["there is no worker w"])
        }
        try await folder.rookery("logs", "w", "--admin", "unix:/nowhere").expect(1, errors: ["nobody listens"])
    }

    // MARK: top

    @Test("top --once has the busiest worker first")
    func top() async throws {
        try await withAdmin(
            FakeAdmin { asked, exchange in
                if asked.target == "/metrics" {
                    exchange.respond(
                        .init(status: 200, headers: ["content-type": "text/plain"]),
                        body: Array("# x\nprocess_resident_memory_bytes 10485760\nrookery_x{a=\"b\"} 1\n".utf8))
                } else {
                    exchange.json(
                        200,
                        #"{"workers":[{"name":"calm","version":1,"requests":9,"errors":0,"isolates":1,"memoryBytes":1024,"#
                            + #""cpuMicroseconds":10},{"name":"busy","version":2,"requests":5,"errors":1,"isolates":2,"#
                            + #""memoryBytes":2048,"cpuMicroseconds":9000}],"next":null}"#)
                }
            }
        ) { url, _ in
            let run = try await folder.rookery("top", "--once", "--admin", url)
            run.expect(0)
            let lines = run.output.split(separator: "\n")
            #expect(lines.first == "2 workers, 3 isolates, 3.0 KiB held, 10.0 MiB resident", "\(run)")
            #expect(lines.dropFirst(2).map { $0.prefix(4) } == ["busy", "calm"])
        }
    }

    // MARK: Who answers

    @Test("The address and the token come from options, the environment, or the data folder, in this order")
    func whereFrom() async throws {
        let folder = try ScriptFolder([
            "rookery-data/admin-token": "of-the-folder\n", "other/admin-token": "of-another\n", "file": "of-a-file",
        ])
        let path = folder.path + "/admin.sock"
        try await withAdmin(at: .unix(path: path), FakeAdmin { _, exchange in exchange.json(200, #"{"workers":[]}"#) })
        {
            url, admin in
            try await folder.rookery("list", variables: "ROOKERY_ADMIN=\(url)").expect(0)
            try await folder.rookery("list", "--data", "other", variables: "ROOKERY_ADMIN=\(url)").expect(0)
            let both = "ROOKERY_ADMIN=127.0.0.1:1 ROOKERY_ADMIN_TOKEN=of-the-environment"
            try await folder.rookery("list", "--admin", url, variables: both).expect(0)
            try await folder.rookery("list", "--admin", url, "--token-file", "file", variables: both).expect(0)
            #expect(
                admin.asked.map(\.authorization)
                    == ["of-the-folder", "of-another", "of-the-environment", "of-a-file"].map { "Bearer \($0)" })
        }
    }

    @Test("Whoever does not answer as the admin API is told from it")
    func strangers() async throws {
        func list(_ url: String, _ words: String..., variables: String = "") async throws {
            try await folder.rookery("list", "--admin", url, variables: variables).expect(1, output: "", errors: words)
        }
        try await list("127.0.0.1:1", "nobody listens at 127.0.0.1:1", "rookery serve")
        try await list("unix:\(folder.path)/none.sock", "nobody listens")
        try await list("http://no-such-host.invalid:80", "cannot be reached")
        try await withAdmin(
            FakeAdmin { _, exchange in
                exchange.respond(.init(status: 404, headers: ["content-type": "text/html"]), body: Array("<p>".utf8))
            }
        ) { url, _ in
            try await list(url, "is not the admin API of Rookery", "status 404, text/html")
        }
        try await withAdmin(FakeAdmin { _, exchange in exchange.json(200, #"{"other":1}"#) }) { url, _ in
            try await list(url, "is not the admin API of Rookery", "/v1/workers")
        }
        try await withAdmin(FakeAdmin { _, exchange in exchange.abort() }) { url, _ in
            try await list(url, "closed the connection")
        }
        try await withAdmin(FakeAdmin { _, exchange in exchange.refuse(401, "unauthorized", "no") }) { url, _ in
            try await list(url, "wants a token")
            try await list(url, "does not take the token of ROOKERY_ADMIN_TOKEN", variables: "ROOKERY_ADMIN_TOKEN=x")
        }
        try await withAdmin(FakeAdmin { _, exchange in exchange.refuse(429, "slowDown", "wait 6 s \\u001b[1m") }) {
            url, _ in
            try await list(url, "rookery: wait 6 s \\x1b[1m")
        }
    }

    @Test("What speaks no HTTP is said to")
    func noHTTP() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Greeter()) }
            }.bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let run = try await folder.rookery("list", "--admin", "127.0.0.1:\(port)")
        run.expect(1, output: "")
        #expect(run.errors.contains("does not speak HTTP"), "\(run)")
        try await server.close()
    }

    /// Says another protocol's greeting to whoever asks.
    private final class Greeter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "SSH-2.0-Other\r\n")), promise: nil)
        }
    }
}
