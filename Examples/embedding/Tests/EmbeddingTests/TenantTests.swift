// SPDX-License-Identifier: Apache-2.0
import Embedding
import Hummingbird
import HummingbirdTesting
import Testing
import WorkerRuntime

/// V8 is one in a process, and so is the host.
private enum Shop {
    static let ledger = TenantLedger()
    static let host = Result { try WorkerHost(WorkerEngine(cacheFolder: nil), options: .init(cores: 2), observer: ledger) }

    static func test(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let application = try makeApplication(host: try host.get(), ledger: ledger)
        try await application.test(.router) { client in try await body(client) }
    }
}

private struct Answer {
    let status: HTTPResponse.Status
    let text: String
}

/// Compares an answer.
private func expect(
    _ answer: Answer, status: HTTPResponse.Status = .ok, text: String? = nil,
    at place: SourceLocation = #_sourceLocation
) {
    #expect(answer.status == status, sourceLocation: place)
    if let text { #expect(answer.text == text, sourceLocation: place) }
}

extension TestClientProtocol {
    /// Deploys a script; the answer's status and text.
    fileprivate func deploy(_ script: String, as tenant: String) async throws -> Answer {
        try await execute(uri: "/tenants/\(tenant)", method: .put, body: ByteBuffer(string: script)) {
            Answer(status: $0.status, text: String(buffer: $0.body))
        }
    }

    fileprivate func get(_ path: String) async throws -> Answer {
        try await execute(uri: path, method: .get) { Answer(status: $0.status, text: String(buffer: $0.body)) }
    }
}

@Suite("Tenants' scripts in routes of a server", .timeLimit(.minutes(1)))
struct TenantTests {
    @Test("A tenant's script answers below its path, with its own status and headers")
    func answers() async throws {
        try await Shop.test { client in
            let script = """
                export default {
                  async fetch(request, env) {
                    const { pathname, search } = new URL(request.url);
                    const text = `${env.TENANT} ${request.method} ${pathname}${search} ${await request.text()}`;
                    return new Response(text, { status: 201, headers: { 'x-tenant': env.TENANT } });
                  }
                };
                """
            try await expect(client.deploy(script, as: "ada"), status: .created)
            let body = ByteBuffer(string: "body")
            try await client.execute(uri: "/tenants/ada/shop/a/b?c=d", method: .post, body: body) { response in
                #expect(response.status == .created)
                #expect(response.headers[.init("x-tenant")!] == "ada")
                #expect(String(buffer: response.body) == "ada POST /a/b?c=d body")
            }
        }
    }

    @Test("A script may ask for what it was granted, and is told what it was not")
    func capability() async throws {
        try await Shop.test { client in
            let script = """
                export default {
                  async fetch(request, env) {
                    const count = await env.STOCK.count('feeder');
                    const refused = await env.STOCK.count('gold').catch((error) => error.code);
                    return Response.json({ count, refused });
                  }
                };
                """
            try await expect(client.deploy(script, as: "grace"), status: .created)
            try await expect(client.get("/tenants/grace/shop"), text: #"{"count":3,"refused":"denied"}"#)
        }
    }

    @Test("A script that does not parse is refused with its line, and the one in service stays")
    func syntax() async throws {
        try await Shop.test { client in
            let good = "export default { fetch: () => new Response('good') };"
            try await expect(client.deploy(good, as: "edsger"), status: .created)
            let refusal = try await client.deploy("export default {\n  fetch( => 1\n};", as: "edsger")
            #expect(refusal.status == .unprocessableContent)
            #expect(refusal.text.contains("script.js:2:"))
            try await expect(client.get("/tenants/edsger/shop"), text: "good")
        }
    }

    @Test("A script that does not end is ended at its CPU limit, and others are answered meanwhile")
    func endless() async throws {
        try await Shop.test { client in
            let endless = "export default { fetch() { for (;;); } };"
            let good = "export default { fetch: () => new Response('good') };"
            try await expect(client.deploy(endless, as: "zeno"), status: .created)
            try await expect(client.deploy(good, as: "barbara"), status: .created)
            async let ended = client.get("/tenants/zeno/shop")
            for _ in 0..<20 { try await expect(client.get("/tenants/barbara/shop"), text: "good") }
            let answer = try await ended
            #expect(answer.status == .serviceUnavailable)
        }
    }

    @Test("What a script throws is its owner's to see, not a visitor's")
    func failure() async throws {
        try await Shop.test { client in
            let script = """
                export default {
                  fetch() {
                    console.log('about to fail');
                    throw new Error('the password is swordfish');
                  }
                };
                """
            try await expect(client.deploy(script, as: "alan"), status: .created)
            let answer = try await client.get("/tenants/alan/shop")
            #expect(answer.status == .internalServerError)
            #expect(!answer.text.contains("swordfish"))
        }
    }

    @Test("Each tenant's account counts its own requests")
    func account() async throws {
        try await Shop.test { client in
            let script = "export default { fetch() { console.log('seen'); return new Response('here'); } };"
            try await expect(client.deploy(script, as: "donald"), status: .created)
            for _ in 0..<3 { _ = try await client.get("/tenants/donald/shop") }
            // A record comes when all that a request began is over, which may be after its answer.
            while Shop.ledger.account(of: "donald").requests < 3 { await Task.yield() }
            let account = Shop.ledger.account(of: "donald")
            #expect(account.requests == 3)
            #expect(account.failures == 0)
            #expect(account.lines == ["seen", "seen", "seen"])
        }
    }

    @Test("An unknown tenant is not found, and an odd name is refused")
    func unknown() async throws {
        try await Shop.test { client in
            try await expect(client.get("/tenants/nobody/shop"), status: .notFound)
            try await expect(client.deploy("export default {}", as: "Not-A-Name"), status: .badRequest)
        }
    }
}
