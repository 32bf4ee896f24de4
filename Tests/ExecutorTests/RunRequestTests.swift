// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite("Requests of rookery run", .timeLimit(.minutes(3)))
struct RunRequestTests {
    @Test("A worker is asked, and its answer is printed with status and headers")
    func answer() async throws {
        let worker = try script(
            """
            export default {
              async fetch(request, env) {
                const text = `${request.method} ${request.url} ${request.headers.get('a')} ${await request.text()} ${env.WHO}`;
                return new Response(text, { status: 201, statusText: 'Made', headers: { 'X-B': 'c' } });
              },
            };
            """)
        try await worker.run(
            "--request", "http://a.test/x?y", "-H", "A: b", "-d", "body", "--env", "WHO=me", "-i", "main.mjs"
        ).expect(
            0,
            output: """
                HTTP/1.1 201 Made
                x-b: c
                content-type: text/plain;charset=UTF-8

                POST http://a.test/x?y b body me
                """)
        try await worker.run("--request", "http://a.test/", "main.mjs").expect(
            0, output: "GET http://a.test/ null  undefined")
    }

    @Test("A report has the response, bytes as base64")
    func report() async throws {
        func response(_ body: String) async throws -> JSON {
            let worker = try script("export default { fetch: () => new Response(\(body)) }")
            let run = try await worker.run("--request", "http://a.test/", "--json", "main.mjs")
            run.expect(0)
            return try #require(try run.report()["response"])
        }
        let text = try await response("'é'")
        #expect(text["status"] == .number(200))
        #expect(text["body"] == .string("é"))
        #expect(text["headers"]?["content-type"] == .string("text/plain;charset=UTF-8"))
        let bytes = try await response("new Uint8Array([255, 0])")
        #expect(bytes["body"] == .string("/wA="))
        #expect(bytes["bodyEncoding"] == .string("base64"))
        #expect(try await response("null")["body"] == .string(""))
    }

    @Test("A streamed body is printed whole, and what waitUntil was given is waited for")
    func stream() async throws {
        let worker = try script(
            """
            export default {
              async fetch(request, env, context) {
                let sent = 0;
                const body = new ReadableStream({
                  async pull(controller) {
                    await new Promise((done) => setTimeout(done));
                    if (sent++ === 300) controller.close();
                    else controller.enqueue(new Uint8Array(10000).fill(97));
                  },
                });
                context.waitUntil(new Promise((done) => setTimeout(done, 20)).then(() => console.error('after')));
                setInterval(() => {}, 5);
                return new Response(body);
              },
            };
            """)
        try await worker.run("--request", "http://a.test/", "main.mjs").expect(
            0, output: String(repeating: "a", count: 3_000_000), errors: ["after"])
    }

    @Test(
        "What a handler may not do ends the run as an exception, and says what it was",
        arguments: [
            ("export default { fetch() { throw new Error('mine') } }", "mine"),
            ("export default { async fetch() { return 'text' } }", "returned string instead of a Response"),
            ("export default { fetch() {} }", "returned undefined instead of a Response"),
            ("export default { fetch: () => Response.error() }", "network error"),
            ("export default { fetch: () => new Promise(() => {}) }", "The fetch handler never settles"),
            ("export default { scheduled() {} }", "no fetch handler"),
            ("export default 1", "not an object"), ("export const a = 1", "no default export"),
            (
                "const r = new Response('x'); await r.text(); export default { fetch: () => r }", "was read already"
            ),
            (
                "export default { fetch: () => new Response(new ReadableStream({ pull() { throw new Error('mid') } })) }",
                "mid"
            ),
        ])
    func failures(_ source: String, _ word: String) async throws {
        try await script(source).run("--request", "http://a.test/", "main.mjs").expect(1, errors: [word])
    }

    @Test("A handler is under the limits")
    func limits() async throws {
        try await script("export default { fetch() { for (;;); } }")
            .run("--request", "http://a.test/", "--cpu-limit", "100", "main.mjs").expect(3, output: "")
    }
}
