// SPDX-License-Identifier: Apache-2.0

import ExecutorServer
import FoundationEssentials
import HostAPI
import Registry
import Support
import Synchronization
import Testing
import WorkerRuntime
import WorkerTypes

@Suite("Runs of modules", .leavesNoIsolates, .timeLimit(.minutes(2)))
struct RunTests {
    struct Report: Decodable {
        struct Line: Decodable {
            let level: String
            let message: String
        }
        struct Fault: Decodable {
            let name: String
            let message: String
            let file: String?
            let line: Int?
            let code: String?
        }
        let outcome: String
        let value: JSONText?
        let error: Fault?
        let logs: [Line]
        let usage: Usage
    }

    /// The value as text, whatever it is.
    enum JSONText: Decodable, Equatable {
        case text(String)
        case number(Double)
        case list([JSONText])

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let text = try? value.decode(String.self) {
                self = .text(text)
            } else if let number = try? value.decode(Double.self) {
                self = .number(number)
            } else {
                self = .list(try value.decode([JSONText].self))
            }
        }
    }

    private func body(_ source: String, _ members: [String: String] = [:]) throws -> String {
        let text = String(decoding: try JSONEncoder().encode(source), as: UTF8.self)
        return "{\"source\":\(text)" + members.map { ",\"\($0.key)\":\($0.value)" }.joined() + "}"
    }

    private func serve(
        _ change: (inout RunService.Options) -> Void = { _ in }, _ body: (AdminServer) async throws -> Void
    ) async throws {
        var options = RunService.Options()
        options.rules.manifest.allow("kv", grant: KeyValueGrant.self)
        change(&options)
        let runs = RunService(RunThreads(IsolateHost(try TestEngine.shared())), options: options)
        try await AdminServer.serve(runs: runs, body)
    }

    private func run(_ body: String) async throws -> Report {
        let found = Mutex<Report?>(nil)
        try await serve { server in
            let answer = try await server.client.request("POST", "/v1/run", body)
            #expect(answer.status == 200, "\(answer.body)")
            let report = try answer.decode(Report.self)
            found.withLock { $0 = report }
        }
        return try #require(found.withLock { $0 })
    }

    @Test("The report has value, lines and usage")
    func value() async throws {
        let report = try await run(
            body(
                "console.log('hello'); console.warn('w'); export default [process.argv[2], process.env.A].join()",
                ["arguments": #"["x"]"#, "env": #"{"A":"b"}"#]))
        #expect(report.outcome == "ok" && report.value == .text("x,b") && report.error == nil)
        #expect(report.logs.map(\.message) == ["hello", "w"] && report.logs.map(\.level) == ["log", "warn"])
        #expect(report.usage.wallMicroseconds > 0 && report.usage.heapPeakBytes > 0)
    }

    @Test("TypeScript is compiled, and errors have places in it", .enabled(if: TypeScriptCompiler.isAvailable))
    func typeScript() async throws {
        let good = try await run(body("const n: number = 41; export default (n + 1) as number", ["language": "\"ts\""]))
        #expect(good.value == .number(42))
        let bad = try await run(
            body("interface A { b: string }\n\nthrow new TypeError('no') as A", ["language": "\"ts\""]))
        #expect(bad.outcome == "exception")
        #expect(bad.error?.name == "TypeError" && bad.error?.line == 3 && bad.error?.file == "file:///main.ts")
    }

    @Test(
        "What goes wrong in a run is its outcome, not the API's",
        arguments: [
            ("throw new Error('x')", "{}", "exception"), ("export default {", "{}", "exception"),
            ("for (;;);", #"{"cpuMilliseconds":20}"#, "exceededCPU"),
            ("await new Promise(r => setTimeout(r, 60000))", #"{"wallMilliseconds":20}"#, "exceededWallTime"),
            ("const a = []; for (;;) a.push(new Array(1e5).fill(1))", #"{"memoryMiB":16}"#, "exceededMemory"),
        ])
    func outcomes(source: String, limits: String, outcome: String) async throws {
        #expect(try await run(body(source, ["limits": limits])).outcome == outcome)
    }

    @Test(
        "Imports are rookery: and data: only",
        arguments: [
            "./x.js", "/etc/passwd", "file:///etc/passwd", "worker:one", "https://a.example/x.js", "x", "./main.ts",
        ])
    func imports(specifier: String) async throws {
        let report = try await run(body("import '\(specifier)'"))
        #expect(report.outcome == "exception" && report.error?.code?.hasPrefix("ERR_") == true)
        let dynamic = try await run(body("export default await import('\(specifier)').then(() => 'in', () => 'out')"))
        #expect(dynamic.value == .text("out"))
    }

    @Test("data: and rookery: modules are there")
    func goodImports() async throws {
        let report = try await run(
            body(
                "import { a } from 'data:text/javascript,export const a = 1'; import p from 'rookery:process'; "
                    + "export default a + p.argv.length"))
        #expect(report.value == .number(3))
    }

    @Test(
        "Grants are capabilities that the operator allows for runs; texts and secrets' placeholders are in the environment"
    )
    func grants() async throws {
        let report = try await run(
            body(
                """
                import env from 'rookery:env';
                await env.KV.put('a', 'b');
                export default [await env.KV.get('a'), process.env.T, process.env.S === 's3cret-value'].join();
                """,
                [
                    "grants": """
                    {"KV":{"type":"kv","namespace":"n"},"T":{"type":"text","value":"t"},
                    "S":{"type":"secret","value":"s3cret-value"}}
                    """
                ]))
        #expect(report.outcome == "ok" && report.value == .text("b,t,false"), "\(report)")
    }

    @Test(
        "What may not be asked is 400 with the place",
        arguments: [
            (#"{}"#, "source"), (#"{"source":1}"#, "source"), (#"{"source":"","language":"py"}"#, "language"),
            (#"{"source":"","limits":{"cpuMilliseconds":10001}}"#, "limits.cpuMilliseconds"),
            (#"{"source":"","limits":{"memoryMiB":513}}"#, "limits.memoryMiB"),
            (#"{"source":"","limits":{"concurrency":1}}"#, "limits.concurrency"),
            (#"{"source":"","grants":{"F":{"type":"fetch","hosts":["*"]}}}"#, "grants.F.type"),
            (#"{"source":"","grants":{"W":{"type":"worker","name":"one"}}}"#, "grants.W"),
            (#"{"source":"","grants":{"S":{"type":"secret"}}}"#, "grants.S"),
            (#"{"source":"","grants":{"K":{"type":"kv","namespace":"n","x":1}}}"#, "grants.K.x"),
            (#"{"source":"","grants":{"1":{"type":"text","value":""}}}"#, "grants.1"),
            (#"{"source":"","arguments":[1]}"#, "arguments[0]"), (#"{"source":"","env":{"A":1}}"#, "env.A"),
            (#"{"source":"","file":"x"}"#, "file"), ("[]", ""), ("", ""),
        ])
    func refused(body: String, path: String) async throws {
        try await serve { server in
            let answer = try await server.client.request("POST", "/v1/run", body)
            #expect(answer.status == 400, "\(answer.body)")
            let error = try answer.decode(ErrorBody.self).error
            #expect(error.code == "malformed" && (error.path ?? "") == path, "\(answer.body)")
        }
    }

    @Test("A source that is too large is 413")
    func tooLarge() async throws {
        try await serve {
            $0.rules.mostSourceBytes = 100
        } _: { server in
            let long = try body(String(repeating: " ", count: 101))
            #expect(try await server.client.request("POST", "/v1/run", long).status == 413)
            let longer = try body(String(repeating: " ", count: 2 << 20))
            #expect(try await server.client.request("POST", "/v1/run", longer).status == 413)
        }
    }

    @Test("Lines past the limit are dropped, and that is said")
    func logs() async throws {
        let report = try await run(
            body("for (let i = 0; i < 1000; i++) console.log('x'.repeat(100))", ["limits": #"{"logBytes":1000}"#]))
        #expect(report.logs.count == 7)
        #expect(report.logs.last?.message == "console output past 1000 bytes was dropped")
    }

    @Test("A run whose client leaves is ended, and makes room")
    func clientLeaves() async throws {
        try await serve {
            $0.atOnce = 1
            $0.mostWaiting = 1
        } _: { server in
            let endless = try body("for (;;);", ["limits": #"{"cpuMilliseconds":10000,"wallMilliseconds":60000}"#])
            let waiting = try body("await new Promise(r => setTimeout(r, 50000))")
            for source in [endless, waiting] {
                let client = try await server.client.open("POST", "/v1/run", source)
                try await server.runs(are: (1, 0))
                try await client.close()
                let next = try await server.client.request("POST", "/v1/run", body("export default 1"))
                #expect(next.status == 200)
                #expect(try next.decode(Report.self).value == .number(1))
            }
        }
    }

    @Test("So many runs go on at once and so many wait; more are 503 with Retry-After, and who left waits no more")
    func queue() async throws {
        try await serve {
            $0.atOnce = 1
            $0.mostWaiting = 1
        } _: { server in
            let long = try body("await new Promise(r => setTimeout(r, 50000))")
            let first = try await server.client.open("POST", "/v1/run", long)
            try await server.runs(are: (1, 0))
            let second = try await server.client.open("POST", "/v1/run", long)
            try await server.runs(are: (1, 1))
            let third = try await server.client.request("POST", "/v1/run", body("1"))
            #expect(third.status == 503 && third.code == "busy" && third.headers["retry-after"] == "1")
            try await second.close()
            try await server.runs(are: (1, 0))
            async let fourth = server.client.request("POST", "/v1/run", body("export default 4"))
            try await server.runs(are: (1, 1))
            try await first.close()
            #expect(try await fourth.decode(Report.self).value == .number(4))
        }
    }

    @Test("A server without runs says so")
    func none() async throws {
        try await AdminServer.serve { server in
            let answer = try await server.client.request("POST", "/v1/run", body("1"))
            #expect(answer.status == 404)
        }
    }
}

extension AdminServer {
    /// Waits until the runs are so far.
    func runs(are wanted: (running: Int, waiting: Int)) async throws {
        while let load = runs?.load, load != wanted { try await Task.sleep(for: .milliseconds(1)) }
    }
}
