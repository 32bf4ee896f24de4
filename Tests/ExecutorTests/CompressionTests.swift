// SPDX-License-Identifier: Apache-2.0
import Testing

/// What compression holds counts against the limit of the script that asked for it.
@Suite("Memory of CompressionStream and DecompressionStream", .serialized, .timeLimit(.minutes(2)))
struct CompressionTests {
    private static let formats = ["deflate", "deflate-raw", "gzip", "brotli"]

    @Test(
        "Little input that becomes more than the memory limit ends the run with the status of that limit",
        arguments: formats)
    func bomb(_ format: String) async throws {
        let folder = try script(
            """
            const through = async (stream, chunks) => {
              const writer = stream.writable.getWriter();
              (async () => { for (const chunk of chunks) await writer.write(chunk); await writer.close(); })();
              const output = [];
              for await (const chunk of stream.readable) output.push(...chunk);
              return new Uint8Array(output);
            };
            const zeros = new Uint8Array(1_000_000);
            const bomb = await through(new CompressionStream('\(format)'), Array(100).fill(zeros));
            console.log(bomb.length < 200_000);
            const { readable, writable } = new DecompressionStream('\(format)');
            writable.getWriter().write(bomb);
            await readable.getReader().read();
            console.log('not reached');
            """)
        let run = try await folder.run("--heap-limit", "32", "main.mjs")
        run.expect(5, output: "true\n")
        #expect(run.lastErrorLine == "rookery: memory limit of 32 MiB exceeded", "\(run)")
    }

    private static func open(_ count: Int, kept: Bool, _ format: String, _ kind: String) throws -> ScriptFolder {
        try script(
            """
            const kept = [];
            for (let i = 0; i < \(count); i++) {
              const stream = new \(kind)('\(format)');
              stream.writable.getWriter().write(new Uint8Array(1)).catch(() => {});
              stream.readable.getReader().read().catch(() => {});
              if (\(kept)) kept.push(stream);
              if (i % 10 === 0) await null;
            }
            console.log('done');
            """)
    }

    @Test(
        "Thousands of streams that nobody finishes are collected",
        arguments: formats, ["CompressionStream", "DecompressionStream"])
    func abandoned(_ format: String, _ kind: String) async throws {
        let folder = try Self.open(2000, kept: false, format, kind)
        try await folder.run("--heap-limit", "32", "main.mjs").expect(0, output: "done\n")
    }

    @Test("Streams that are kept end the run at the memory limit", arguments: formats)
    func kept(_ format: String) async throws {
        let folder = try Self.open(20_000, kept: true, format, "CompressionStream")
        let run = try await folder.run("--heap-limit", "32", "main.mjs")
        run.expect(5, output: "")
        #expect(run.lastErrorLine == "rookery: memory limit of 32 MiB exceeded", "\(run)")
    }

    @Test("Compression of large chunks ends at the CPU limit")
    func cpuLimit() async throws {
        let folder = try script(
            """
            const noise = Uint8Array.from({ length: 1 << 20 }, (_, i) => Math.imul(i, 2654435761) >>> 13);
            const much = new Uint8Array(128 << 20);
            for (let i = 0; i < much.length; i += noise.length) much.set(noise, i);
            console.log('started');
            const { readable, writable } = new CompressionStream('brotli');
            readable.pipeTo(new WritableStream());
            const writer = writable.getWriter();
            for (;;) await writer.write(much);
            """)
        let run = try await folder.run("--heap-limit", "512", "--cpu-limit", "600", "main.mjs")
        run.expect(3, output: "started\n")
    }
}
