// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing

@Suite("rookery deploy", .enabled(if: Program.hasEsbuild, "esbuild is not installed"), .timeLimit(.minutes(2)))
struct ClientDeployTests {
    private static let served = #"{"name":"links","version":3,"url":"http://links.example:8080/","sizes":{}}"#

    /// A project with a package, another worker's module, JSON and text.
    private static let project = [
        "src/index.ts": """
        import { double } from "tool";
        import settings from "./settings.json" with { type: "json" };
        import words from './words.csv' with { type: 'text' };
        import { other } from "worker:other";
        interface Env { WHO: string }
        export default {
          async fetch(request: Request, env: Env): Promise<Response> {
            return new Response(double(settings.marker) + words + other + env.WHO + process.env.NODE_ENV);
          },
        };
        """,
        "src/settings.json": #"{"marker":"from-json"}"#,
        "src/words.csv": "from-text",
        "node_modules/tool/package.json": """
        {"name":"tool","exports":{".":{"node":"./node.js","workerd":"./workerd.js","default":"./default.js"}}}
        """,
        "node_modules/tool/workerd.js": "export const double = (x) => x + x + 'for-workerd';",
        "node_modules/tool/node.js": "import fs from 'node:fs'; export const double = fs.readFileSync;",
        "node_modules/tool/default.js": "export const double = (x) => x + 'for-others';",
    ]

    @Test("A worker is bundled with its packages and goes into service; the last line is its URL")
    func deploys() async throws {
        let folder = try ScriptFolder(Self.project)
        try folder.write(Array("a-token-of-the-test\n".utf8), to: "token")
        try await withAdmin(FakeAdmin { _, exchange in exchange.json(201, Self.served) }) { url, admin in
            let run = try await folder.rookery(
                "deploy", "src/index.ts", "--name", "links", "--admin", "http://\(url)", "--token-file", "token")
            run.expect(0)
            let lines = run.output.split(separator: "\n").map(String.init)
            #expect(lines.count == 3, "\(run)")
            #expect(lines[0].hasPrefix("bundled index.ts: ") || lines[0].hasPrefix("bundled src/index.ts: "))
            #expect(lines[0].contains("gzip"))
            #expect(lines[1] == "links version 3 is in service")
            #expect(lines[2] == "http://links.example:8080/")
            let asked = try #require(admin.asked.first)
            #expect(asked.line == "PUT /v1/workers/links")
            #expect(asked.authorization == "Bearer a-token-of-the-test")
            let manifest = try asked.json()
            #expect(manifest["main"] == .string("index.js"))
            let code = try #require(manifest["modules"]?["index.js"]?.text)
            #expect(code.contains("for-workerd") && !code.contains("for-others"))
            #expect(code.contains("from-json") && code.contains("from-text") && code.contains("\"production\""))
            #expect(code.contains("from \"worker:other\""))
            let sources = try sources(of: code)
            #expect(sources.contains { $0.hasSuffix("index.ts") }, "\(sources)")
            #expect(!sources.contains { $0.hasPrefix("/") || $0.contains("mirror") }, "\(sources)")
        }
    }

    /// The sources of the map in a module's last line.
    private func sources(of module: String) throws -> [String] {
        let line = try #require(module.split(separator: "\n").last)
        let mark = "//# sourceMappingURL=data:application/json;base64,"
        #expect(line.hasPrefix(mark))
        let map = try #require(Data(base64Encoded: String(line.dropFirst(mark.count))))
        return try JSONDecoder().decode(JSON.self, from: map)["sources"]?.elements.compactMap(\.text) ?? []
    }

    @Test("rookery.json says what a folder's worker is; the command line comes before it")
    func project() async throws {
        let folder = try ScriptFolder([
            "w/rookery.json": """
            {"name":"links","main":"src/main.js","bindings":{"WHO":{"type":"text","value":"you"},
            "KV":{"type":"kv","namespace":"links"}},"limits":{"cpuMilliseconds":20,"memoryMiB":64},
            "crons":["*/5 * * * *"],"public":true,"trust":"high"}
            """,
            "w/src/main.js": "export default { fetch: () => new Response('x') }",
            "secrets.json": #"{"WHO":{"type":"secret","value":"me"}}"#,
        ])
        try await withAdmin(FakeAdmin { _, exchange in exchange.json(200, #"{"name":"links","version":1}"#) }) {
            url, admin in
            let run = try await folder.rookery(
                "deploy", "w", "--admin", url, "--bindings", "secrets.json", "--limits",
                "cpuMilliseconds=70,mode=fresh", "--cron", "0 0 * * *")
            run.expect(0)
            #expect(run.output.hasSuffix("http://links.localhost:8787/\n"))
            let asked = try #require(admin.asked.first)
            #expect(asked.authorization == nil)
            let manifest = try asked.json()
            #expect(manifest["bindings"]?["WHO"] == .object(["type": .string("secret"), "value": .string("me")]))
            #expect(manifest["bindings"]?["KV"]?["namespace"] == .string("links"))
            #expect(
                manifest["limits"]
                    == .object(["cpuMilliseconds": .number(70), "memoryMiB": .number(64), "mode": .string("fresh")]))
            #expect(manifest["crons"] == .array([.string("*/5 * * * *"), .string("0 0 * * *")]))
            #expect(manifest["public"] == .bool(true))
            #expect(manifest["trust"] == .string("high"))
            #expect(manifest["name"] == nil)
        }
    }

    @Test("A folder's entry is that of package.json, or an index")
    func entries() async throws {
        let folder = try ScriptFolder([
            "a/package.json": #"{"main":"./lib/start.mjs"}"#, "a/lib/start.mjs": "export default {a: 1}",
            "a/index.js": "export default {b: 1}", "b/index.tsx": "export default {c: <p/>};const React = 0",
            "c/readme.txt": "", "d/package.json": #"{"main":"gone.js"}"#,
        ])
        for (name, words) in [("a", "lib/start.mjs"), ("b", "index.tsx")] {
            let run = try await folder.rookery("deploy", name, "--name", "x", "--dry-run")
            run.expect(0)
            #expect(run.output.contains("bundled \(words): 1 file, "), "\(run)")
        }
        try await folder.rookery("deploy", "c", "--name", "x", "--dry-run").expect(2, errors: ["c: has no entry"])
        try await folder.rookery("deploy", "d", "--name", "x", "--dry-run").expect(
            2, errors: ["d/package.json: main: there is no file \"gone.js\""])
    }

    @Test("Nothing is sent by a dry run; its JSON has the sizes")
    func dryRun() async throws {
        let folder = try script("export default { fetch() {} }")
        try await withAdmin(FakeAdmin { _, exchange in exchange.json(201, Self.served) }) { url, admin in
            let run = try await folder.rookery(
                "deploy", "main.mjs", "--name", "x", "--dry-run", "--json", "--admin", url)
            run.expect(0)
            let report = try run.report()
            #expect(report.keys == ["name", "version", "url", "files", "sizes", "dryRun"])
            #expect(report["version"] == .null && report["dryRun"] == .bool(true))
            let bundle = report["sizes"]?["bundle"]?.double ?? 0
            let gzip = report["sizes"]?["gzip"]?.double ?? 0
            #expect(bundle > 20 && gzip > 20 && gzip < bundle + 40)
            #expect(admin.asked.isEmpty)
        }
    }

    @Test("What cannot be bundled is shown in the source, and nothing is sent")
    func unbundled() async throws {
        let folder = try ScriptFolder([
            "syntax.ts": "const a: number = 1;\nexport default {{;\n",
            "builtin.ts": "\n  import { readFileSync } from \"node:fs\";\nexport default readFileSync;",
            "deep.js": "import x from 'deep'; export default x;",
            "node_modules/deep/package.json": #"{"main":"d.js"}"#,
            "node_modules/deep/d.js": "'é'; module.exports = require('path').join;",
            "missing.js": "import 'nowhere'; import './gone.js';", "words.txt": "",
        ])
        func refused(_ name: String, _ words: [String]) async throws {
            try await folder.rookery("deploy", name, "--name", "x", "--admin", "127.0.0.1:1").expect(1, errors: words)
        }
        try await refused("syntax.ts", ["syntax.ts:2:17\nexport default {{;\n                ^\nExpected"])
        try await refused(
            "builtin.ts",
            ["builtin.ts:2:32\n", "Cannot import \"node:fs\": it is part of Node.js, which workers do not have"])
        try await refused(
            "deep.js", ["node_modules/deep/d.js:1:31\n", "                              ^\n", "\"path\""])
        try await refused(
            "missing.js",
            ["Cannot find \"nowhere\": is the package installed?", "missing.js:1:26\n", "Cannot find \"./gone.js\"\n"])
        try await folder.rookery("deploy", "words.txt", "--name", "x").expect(2, errors: ["words.txt: is no worker"])
        let json = try await folder.rookery("deploy", "syntax.ts", "--name", "x", "--json", "--admin", "127.0.0.1:1")
        json.expect(1)
        #expect(try json.report()["error"]?["problems"]?.elements.first?["line"] == .number(2))
    }

    @Test("A refused deployment is shown in the source")
    func refused() async throws {
        let folder = try ScriptFolder([
            "p/package.json": #"{"main":"src/a.ts"}"#,
            "p/src/a.ts": "type A = 1;\nimport { f } from './b';\nexport default f;",
            "p/src/b.ts":
                "interface Long {\n  member: string;\n}\n\nexport function f() {}\n  throw new TypeError('gone');\n",
        ])
        let expected = "src/b.ts:6:9\n  throw new TypeError('gone');\n        ^\nUncaught TypeError: gone"
        try await withAdmin(
            FakeAdmin { _, exchange in
                exchange.refuse(
                    422, "refused", "the worker does not start",
                    problems: """
                        [{"message":"TypeError: gone","file":"src/b.ts","line":6,"column":9,
                        "stack":"TypeError: gone\\n    at f (file:///src/b.ts:6:9)"}]
                        """)
            }
        ) { url, _ in
            let run = try await folder.rookery("deploy", "p", "--name", "p", "--admin", url)
            run.expect(1, errors: [expected, "p was refused; the version in service stays"])
            #expect(run.errors.contains("    at f (src/b.ts:6:9)\n"), "\(run)")
            let json = try await folder.rookery("deploy", "p", "--name", "p", "--admin", url, "--json")
            json.expect(1)
            #expect(try json.report()["error"]?["problems"]?.elements.first?["line"] == .number(6))
        }
    }

    @Test("An older esbuild bundles imports with attributes, from above the project too")
    func attributes() async throws {
        let folder = try ScriptFolder([
            "shared/x.js": "export const x = 'from-above';",
            "p/package.json": "{}",
            "p/lib/y.ts":
                "import data\n  from './y.json' with\n{ type: 'json' };\nimport again from './y.json' with { type: 'json' };\n"
                + "import { x } from '../../shared/x.js';\nexport const y = [data, again, x];",
            "p/lib/y.json": #"{"y":"from-json"}"#,
            "p/index.js": "import { y } from './lib/y.ts'; export default { y }; throw new Error('here');",
        ])
        try await withAdmin(FakeAdmin { _, exchange in exchange.json(201, Self.served) }) { url, admin in
            try await folder.rookery("deploy", "p", "--name", "x", "--admin", url).expect(0)
            let modules = try #require(try admin.asked.first?.json()["modules"])
            let code = try #require(modules["index.js"]?.text)
            #expect(code.contains("from-above") && code.contains("from-json"))
            let sources = try sources(of: code)
            #expect(Set(sources).isSuperset(of: ["index.js", "lib/y.ts", "../shared/x.js"]), "\(sources)")
        }
        #expect(try String(contentsOf: URL(filePath: folder.path + "/p/lib/y.ts"), encoding: .utf8).contains("with"))
    }

    @Test("A worker goes into a server's service, is seen there, goes back, and is removed")
    func wholeWay() async throws {
        let folder = try ScriptFolder([
            "w/rookery.json": #"{"name":"links","bindings":{"WHO":{"type":"text","value":"you"}}}"#,
            "w/index.ts": "interface E { WHO: string }\nexport default { fetch: (_: Request, env: E) => "
                + "new Response(`one ${env.WHO}`) };",
            "bad.ts": "interface A {\n  a: 1;\n}\nexport default { fetch() {} };\n(null as any).member;\n",
        ])
        let run = try await folder.shell(
            """
            unset ROOKERY_ADMIN_TOKEN
            "$1" serve --listen 127.0.0.1:0 --admin unix:admin.sock --log none 2>log & server=$!
            for try in $(seq 1 600); do grep -q 'admin on' log && break; sleep 0.1; done
            export ROOKERY_ADMIN=unix:admin.sock
            "$1" deploy w | tail -n 1 >url
            curl -s "$(cat url)"; echo
            "$1" deploy bad.ts --name links 2>&1 | grep -A 5 ^bad.ts:
            sed -i s/one/two/ w/index.ts
            "$1" deploy w >&2
            curl -s "$(cat url)"; echo
            "$1" rollback links
            curl -s "$(cat url)"; echo
            "$1" list | tail -n 1 | cut -c 1-14
            "$1" delete links --yes
            curl -s -o answer -w '%{http_code}' "$(cat url)"; echo
            kill $server; wait $server; echo "status $?"
            """)
        #expect(
            run.output == """
                one you
                bad.ts:5:15
                (null as any).member;
                              ^
                Uncaught TypeError: Cannot read properties of null (reading 'member')
                    at bad.ts:5:15
                two you
                links version 1 is in service
                one you
                links        1
                links is removed
                404
                status 0

                """, "\(run)")
    }

    @Test(
        "Wrong options and manifests are wrong usage",
        arguments: [
            ("{}", ["--name", "No Name"], "is no name of a worker"), ("{}", [], "the worker has no name"),
            (#"{"nmae":"x"}"#, [], "w/rookery.json: nmae: there is no \"nmae\" here"),
            (#"{"limits":{"cpu":1}}"#, [], "w/rookery.json: limits.cpu"),
            (#"{"bindings":{"A":{"type":"text"}}}"#, [], "w/rookery.json: bindings.A.value"),
            (#"{"crons":["x"]}"#, [], "w/rookery.json: crons[0]"), (#"{"main":7}"#, [], "w/rookery.json: main"),
            ("{", [], "w/rookery.json: "), (#"{"main":"x.js"}"#, [], "there is no file \"x.js\""),
            ("{}", ["--name", "x", "--limits", "cpuMilliseconds"], "cpuMilliseconds: No such file"),
            ("{}", ["--name", "x", "--limits", "a=b"], "--limits: limits.a"),
            ("{}", ["--name", "x", "--limits", "cpuMilliseconds=soon"], "--limits: limits.cpuMilliseconds"),
            ("{}", ["--name", "x", "--cron", "often"], "--cron \"often\": "),
            ("{}", ["--name", "x", "--bindings", "gone.json"], "gone.json: No such file"),
            ("{}", ["--name", "x", "--admin", "ftp:/x"], "--admin: \"ftp:/x\" is no address"),
            ("{}", ["--name", "x", "--token-file", "w/index.js"], "w/index.js: a token has up to 1024"),
        ])
    func wrongUsage(_ manifest: String, _ options: [String], _ words: String) async throws {
        let folder = try ScriptFolder(["w/rookery.json": manifest, "w/index.js": "export default {}; // a b"])
        let quoted = options.map { "'\($0)'" }.joined(separator: " ")
        let run = try await folder.shell("unset ROOKERY_ADMIN ROOKERY_ADMIN_TOKEN; \"$1\" deploy w --dry-run \(quoted)")
        run.expect(2, output: "", errors: [words])
    }
}
