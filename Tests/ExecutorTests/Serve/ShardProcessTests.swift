// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Subprocess
import Testing

private let isSanitized = unsafe dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil

@Suite("The processes of rookery serve --shards", .serialized, .timeLimit(.minutes(3)))
struct ShardProcessTests {
    private static let hello = ["hello.js": "export default { fetch: () => new Response('hello') };"]

    @Test(
        "Workers of low trust are interpreted where the operator says so, others are not",
        .disabled(if: isSanitized, "sanitizers do what the sandbox refuses"))
    func jitless() async throws {
        let worker = """
            export default {
              fetch() {
                let sum = 0;
                for (let i = 0; i < 1e5; i++) sum += i;
                return new Response(`${typeof WebAssembly} ${sum} ${/^a+$/.test('aaa')}`);
              },
            };
            """
        let folder = try ScriptFolder([
            "low/main.js": worker, "low/rookery.json": #"{"name":"low","main":"main.js"}"#,
            "high/main.js": worker, "high/rookery.json": #"{"name":"high","main":"main.js","trust":"high"}"#,
            "wasm/main.js": """
            const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
            new WebAssembly.Module(bytes);
            export default { fetch: () => new Response('never') };
            """,
        ])
        let run = try await folder.serve(
            shards: 2,
            """
            deploy low; deploy high
            ask /@low/; ask /@low/; ask /@high/
            "$rookery" deploy wasm/main.js --name wasm 2>&1 | grep -o 'WebAssembly is not defined' | head -1
            [ "$(pgrep -P $server -fc ' shard.* --jitless')" -ge 2 ] && echo interpreted
            [ "$(pgrep -P $server -fc ' shard$')" -ge 1 ] && echo compiled
            curl -s "$ROOKERY_ADMIN/v1/run" -H "authorization: Bearer $ROOKERY_ADMIN_TOKEN" \\
              -d '{"source":"export default typeof WebAssembly"}' | grep -o '"value":"undefined"'
            """, options: "--jitless-low-trust")
        #expect(
            run.output == """
                undefined 4999950000 true
                undefined 4999950000 true
                object 4999950000 true
                WebAssembly is not defined
                interpreted
                compiled
                "value":"undefined"
                status 0

                """, "\(run)")
        #expect(!run.errors.contains("has ended"), "\(run)")
    }

    @Test("What is about shards alone is wrong usage without them")
    func usage() async throws {
        let folder = try ScriptFolder()
        let run = try await Program.run(["serve", "--jitless-low-trust"], in: folder.path)
        run.expect(2, output: "", errors: ["--shards"])
    }

    @Test(
        "A shard's last words are in the log of its supervisor, before the word of its end",
        .disabled(if: isSanitized, "sanitizers have handlers of their own"))
    func words() async throws {
        let run = try await ScriptFolder(Self.hello).serve(
            shards: 2,
            """
            deploy hello.js --name hello; ask /@hello/
            kill -SEGV $(shards | head -1)
            said 'has ended, .*signal 11'
            hears /@hello/ hello
            grep -n -m1 'rookery: shard low-[01]: rookery: fatal signal 11' log | cut -d: -f1 >words
            grep -n -m1 'the shard low-[01] has ended' log | cut -d: -f1 >end
            [ "$(cat words)" -lt "$(cat end)" ] && echo before
            """)
        #expect(run.output == "hello\nhello\nbefore\nstatus 0\n", "\(run)")
    }

    @Test("The kernel that has no memory left ends a shard before its supervisor")
    func score() async throws {
        let run = try await ScriptFolder().serve(
            shards: 2,
            """
            for try in $(seq 1 600); do [ "$(shards | wc -l)" = 2 ] && break; sleep 0.1; done
            for try in $(seq 1 600); do
              scores=$(for shard in $(shards); do cat /proc/$shard/oom_score_adj; done | sort -u)
              [ "$scores" = 500 ] && break; sleep 0.1
            done
            echo $scores
            """)
        #expect(run.output == "500\nstatus 0\n", "\(run)")
    }

    @Test("Shards end with a supervisor that is killed, and the next one serves what was deployed")
    func orphans() async throws {
        let run = try await ScriptFolder(Self.hello).serve(
            shards: 2,
            """
            deploy hello.js --name hello; ask /@hello/
            old=$(shards); kill -9 $server
            start
            hears /@hello/ hello
            for try in $(seq 1 300); do left=0; for shard in $old; do kill -0 $shard 2>/dev/null && left=1; done; [ $left = 0 ] && break; sleep 0.1; done
            echo "left $left"
            deploy hello.js --name hello; ask /@hello/
            """)
        #expect(run.output == "hello\nhello\nleft 0\nhello\nstatus 0\n", "\(run)")
    }

    @Test("Without descriptors shards are started later, and connections are accepted later")
    func descriptors() async throws {
        let run = try await ScriptFolder(Self.hello).serve(
            shards: 2,
            """
            deploy hello.js --name hello; ask /@hello/
            limit() { prlimit --pid $server --nofile=$1:; }
            limit $(ls /proc/$server/fd | sort -n | awk '$1 != n { exit } { n++ } END { print n }')
            for shard in $(shards); do kill -9 $shard; done
            said 'could not be started: .*Too many open files'
            ask /@hello/ >answer & asked=$!
            # libdispatch looks at its threads once a second.
            sleep 3; kill -0 $server && echo alive
            limit $(ulimit -Hn)
            # It waited for as long as it may, or for a shard.
            wait $asked; grep -cE 'hello|Too many' answer
            hears /@hello/ hello
            """)
        #expect(run.output == "hello\nalive\n1\nhello\nstatus 0\n", "\(run)")
    }

    @Test(
        "On a full disk a deploy is refused with the reason, and what is deployed goes on",
        .enabled("file systems cannot be mounted here") {
            try await ScriptFolder().shell("unshare -m mount -t tmpfs none /mnt").status == .exited(0)
        })
    func fullDisk() async throws {
        let folder = try ScriptFolder(
            Self.hello.merging([
                "write.js": """
                export default {
                  async fetch(request, env) {
                    try {
                      await env.KV.put('key', 'x'.repeat(200_000));
                      return new Response('kept');
                    } catch (error) {
                      return new Response(`${error.code}: ${error.message}`);
                    }
                  },
                };
                """,
                "bindings.json": #"{"KV":{"type":"kv","namespace":"n"}}"#,
            ]) { $1 })
        let run = try await folder.serve(
            shards: 2,
            """
            deploy hello.js --name hello; deploy write.js --name write --bindings bindings.json
            ask /@hello/; ask /@write/
            dd if=/dev/zero of=data/filler bs=4096 2>/dev/null
            head -c 300000 /dev/urandom | base64 -w0 | sed 's/.*/export default { fetch: () => new Response("&") }/' >big.js
            "$rookery" deploy big.js --name big >refused 2>&1; echo "deploy $?"; grep -c 'make room on the disk' refused
            ask /@write/; ask /@hello/
            rm data/filler
            ask /@write/; deploy hello.js --name later; ask /@later/
            cat refused >&2
            """,
            before: """
                [ "$inside" ] || inside=1 exec unshare -m bash -c "$BASH_EXECUTION_STRING" bash "$1"
                mkdir data; mount -t tmpfs -o size=4m none data
                """)
        #expect(
            run.output == """
                hello
                kept
                deploy 1
                1
                unavailable: the host has no room left for values; nothing was changed
                hello
                kept
                hello
                status 0

                """, "\(run)")
    }

    // MARK: Machines that lack a layer

    private static let prober = """
        launch="$(dirname "$1")/SandboxProber without=$layer"
        """

    @Test(
        "Without a layer, who insists on it gets no server, and others hear what is missing",
        .disabled(if: isSanitized, "sanitizers do what the sandbox refuses"),
        arguments: [("landlock", "Landlock"), ("seccomp", "seccomp filter")])
    func missing(_ layer: String, _ title: String) async throws {
        let refused = try await ScriptFolder(Self.hello).serve(
            shards: 2,
            "wait $server; echo \"ended $?\"", options: "--require-sandbox",
            before: "layer=\(layer); \(Self.prober)")
        #expect(refused.output.hasPrefix("ended 2\n"), "\(refused)")
        #expect(refused.errors.contains("\(title): "), "\(refused)")
        #expect(refused.errors.contains("without --require-sandbox"), "\(refused)")
        #expect(!refused.errors.contains("listening"), "\(refused)")

        let served = try await ScriptFolder(Self.hello).serve(
            shards: 2,
            "deploy hello.js --name hello; ask /@hello/; grep -c 'rookery: shards go without \(title): ' log",
            before: "layer=\(layer); \(Self.prober)")
        #expect(served.output == "hello\n1\nstatus 0\n", "\(served)")
    }

    @Test("A group that cannot be had is said once, with what to do")
    func memoryGroup() async throws {
        let run = try await ScriptFolder().serve(shards: 2, "grep -c 'Delegate=memory' log")
        let hasGroups = run.output.hasPrefix("0\n")
        #expect(hasGroups || run.output == "1\nstatus 0\n", "\(run)")
    }
}
