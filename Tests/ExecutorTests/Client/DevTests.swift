// SPDX-License-Identifier: Apache-2.0
import ExecutorServer
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing
import WorkerRuntime

@testable import ExecutorCommands

@Suite("rookery dev", .enabled(if: Program.hasEsbuild, "esbuild is not installed"), .timeLimit(.minutes(2)))
struct DevTests {
    /// Serves the code of the last bundle, and refuses those that say so.
    private final class FakeServing: DevServing {
        private let code = Mutex("")

        func install(_ bundle: Bundle) async -> [SourceFault] {
            let text = String(decoding: bundle.code, as: UTF8.self)
            guard !text.contains("throw") else {
                return [
                    SourceFault(
                        "TypeError: <gone>", file: "src/a.ts", line: 1, column: 3, sourceLine: "\tx <b>",
                        stack: "TypeError: <gone>\n    at src/a.ts:1:3")
                ]
            }
            code.withLock { $0 = text }
            return []
        }

        func handle(_ request: ServerRequest, _ exchange: Exchange) -> (any ExchangeObserver)? {
            exchange.respond(.init(status: 200), body: Array(code.withLock { $0 }.utf8))
            return nil
        }
    }

    /// The lines for the terminal, in the order in which they come.
    private struct Reports: Sendable {
        let lines: AsyncStream<String>
        let take: @Sendable (String) -> Void

        init() {
            let (lines, continuation) = AsyncStream.makeStream(of: String.self)
            self.lines = lines
            take = { continuation.yield($0) }
        }
    }

    private func get(_ address: FrontAddress, accepting type: String) async throws -> (status: Int, body: String) {
        let transport = AdminTransport(address: try AdminAddress(address.description, from: "the test"))
        return try await transport.exchange(.init(target: "/", headers: [("accept", type)])) { head, body in
            (head.status, String(decoding: try await body.collect(most: 1 << 20), as: UTF8.self))
        }
    }

    @Test("A change is built and served; a broken one is shown, and the build before stays for all but pages")
    func rebuilds() async throws {
        let folder = try ScriptFolder([
            "p/package.json": #"{"main":"src/index.ts"}"#,
            "p/src/index.ts": "import { v } from './v'; export default { v };", "p/src/v.ts": "export const v = 'one';",
        ])
        let reports = Reports()
        let session = try await DevSession(
            try WorkerSource(folder.path + "/p"), FakeServing(), report: reports.take)
        let front = try await HTTPFront.start(
            FrontOptions(listeners: [.init(.tcp(host: "127.0.0.1", port: 0))], loops: 1), session.handler)
        let address = front.addresses[0]
        let running = Task { await session.run() }
        var lines = reports.lines.makeAsyncIterator()

        let first = try #require(await lines.next())
        #expect(first.hasPrefix("built src/index.ts in "), "\(first)")
        let one = try await get(address, accepting: "*/*")
        #expect(one.status == 200 && one.body.contains("\"one\""))

        try folder.write(Array("export const v = 'two'; throw 1;".utf8), to: "p/src/v.ts")
        let thrown = try #require(await lines.next())
        #expect(thrown == "src/a.ts:1:3\n\tx <b>\n\t ^\nUncaught TypeError: <gone>\n    at src/a.ts:1:3\n")
        let page = try await get(address, accepting: "text/html,*/*;q=0.8")
        #expect(page.status == 500 && page.body.contains("x &lt;b&gt;") && !page.body.contains("<b>"))
        #expect(try await get(address, accepting: "application/json").body.contains("\"one\""))

        try folder.write(Array("export const v = ;".utf8), to: "p/src/v.ts")
        let broken = try #require(await lines.next())
        #expect(broken.hasPrefix("src/v.ts:1:18\nexport const v = ;\n                 ^\n"), "\(broken)")
        #expect(try await get(address, accepting: "text/html").body.contains("src/v.ts:1:18"))

        // Into a new folder, and over the old name, as editors do it.
        try folder.write(Array("export const w = 'three';".utf8), to: "p/src/new/w.ts")
        try folder.write(Array("export { w as v } from './new/w';".utf8), to: "p/src/v.ts.new")
        try FileManager.default.removeItem(atPath: folder.path + "/p/src/v.ts")
        try FileManager.default.moveItem(atPath: folder.path + "/p/src/v.ts.new", toPath: folder.path + "/p/src/v.ts")
        while let line = await lines.next(), !line.hasPrefix("built") {}
        let three = try await get(address, accepting: "text/html")
        #expect(three.status == 200 && three.body.contains("\"three\""))

        try folder.write(Array("export const w = 'four';".utf8), to: "p/src/new/w.ts")
        while let line = await lines.next(), !line.hasPrefix("built") {}
        while try await !get(address, accepting: "*/*").body.contains("\"four\"") {
            guard await lines.next() != nil else { break }
        }
        running.cancel()
        await running.value
        await front.drain(within: .zero)
    }

    @Test("Before any build works, everybody is told why")
    func neverWorked() async throws {
        let folder = try ScriptFolder(["main.js": "import 'node:fs'"])
        let reports = Reports()
        let session = try await DevSession(
            try WorkerSource(folder.path + "/main.js"), FakeServing(), report: reports.take)
        let front = try await HTTPFront.start(
            FrontOptions(listeners: [.init(.tcp(host: "127.0.0.1", port: 0))], loops: 1), session.handler)
        #expect(try await get(front.addresses[0], accepting: "*/*") == (500, "The first build is under way\n"))
        let running = Task { await session.run() }
        for await _ in reports.lines { break }
        let answer = try await get(front.addresses[0], accepting: "*/*")
        #expect(answer.status == 500 && answer.body.hasPrefix("main.js:1:8\nimport 'node:fs'\n       ^\nCannot import"))
        running.cancel()
        await running.value
        await front.drain(within: .zero)
    }

    @Test(
        "Files beside the sources, of editors and version control, change nothing; packages and hidden folders neither")
    func ignored() async throws {
        let folder = try ScriptFolder([
            "package.json": "{}", "index.js": "", "sub/a.js": "", "node_modules/p/i.js": "", ".git/x": "",
        ])
        let source = try WorkerSource(folder.path)
        let folders = ProjectFolders.of(source, inputs: [folder.path + "/node_modules/p/i.js", "/elsewhere/b.js"])
        #expect(folders == [folder.path, folder.path + "/sub", "/elsewhere"])
        let watch = try FolderWatch()
        watch.watch(folders)
        #expect(watch.count == 2)
        for name in [".index.js.swp", "index.js~", "#index.js#", "x.tmp"] { try folder.write([], to: name) }
        watch.watch([folder.path + "/sub"])
        try folder.write([1], to: "sub/b.js")
        var changes = watch.changes.makeAsyncIterator()
        await changes.next()
        #expect(watch.count == 1)
    }

    @Test("The program serves a worker, shows what it throws in the source, and ends with Ctrl-C")
    func program() async throws {
        let folder = try ScriptFolder([
            "w/rookery.json":
                #"{"bindings":{"WHO":{"type":"text","value":"you"}},"limits":{"wallMilliseconds":60000}}"#,
            "w/index.ts": """
            interface Env { WHO: string; MORE: string }
            type Unused = {
              a: string;
            };
            export default {
              async fetch(request: Request, env: Env): Promise<Response> {
                const { pathname } = new URL(request.url);
                if (pathname === "/throw") throw new TypeError("<gone>");
                if (pathname === "/post") return new Response("got " + await request.text());
                return new Response(`${env.WHO} ${env.MORE} ${pathname}`, { headers: { "x-mine": "1" } });
              },
            };
            """,
        ])
        let run = try await folder.shell(
            """
            "$1" dev w --port 0 --env MORE=more >url 2>log & server=$!
            for try in $(seq 1 600); do grep -q ^built log && break; sleep 0.1; done
            url=$(cat url); url=${url%/}
            curl -s "$url/hello?x"; echo
            curl -s "$url/post" -d body; echo
            curl -s "$url/throw"; echo
            curl -s -H 'accept: text/html' -w '%{http_code}' "$url/throw" | grep -oE '&lt;gone&gt;|^500'
            sed -i 's/"got "/"had "/' w/index.ts
            for try in $(seq 1 600); do [ "$(grep -c ^built log)" = 2 ] && break; sleep 0.1; done
            curl -s "$url/post" -d body; echo
            kill -INT $server; wait $server; echo "status $?"
            cat log >&2
            """)
        #expect(
            run.output.hasPrefix(
                """
                you more /hello
                got body
                index.ts:8:38
                    if (pathname === "/throw") throw new TypeError("<gone>");
                                                     ^
                Uncaught TypeError: <gone>
                    at Object.fetch (index.ts:8:38)
                """), "\(run)")
        #expect(run.output.contains("&lt;gone&gt;"), "\(run)")
        #expect(run.output.hasSuffix("500\nhad body\nstatus 130\n"), "\(run)")
        #expect(run.errors.contains(" fetch GET http://localhost:"), "\(run)")
        #expect(run.errors.contains("error Uncaught TypeError: <gone>"), "\(run)")
    }

    @Test("A worker that does not start is shown in the source")
    func startFault() async throws {
        let folder = try ScriptFolder([
            "w/index.ts": "import { f } from './f';\nexport default { fetch: f };",
            "w/f.ts": "interface A {\n  a: 1;\n}\nexport const f = null;\nf.member;\n",
        ])
        let run = try await folder.shell(
            """
            "$1" dev w --port 0 >url 2>log & server=$!
            for try in $(seq 1 600); do grep -q Uncaught log && break; sleep 0.1; done
            curl -s "$(cat url)"
            kill $server; wait $server; echo "status $?"
            cat log >&2
            """)
        #expect(
            run.output.hasPrefix("f.ts:5:3\nf.member;\n  ^\nUncaught TypeError: Cannot read properties of null"),
            "\(run)")
        #expect(run.output.contains("    at f.ts:5:3") && run.output.hasSuffix("status 143\n"), "\(run)")
    }
}
