import HTTPTypes
// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Hummingbird
import Synchronization
import WorkerRuntime
import WorkerTypes

/// A shop whose tenants bring scripts of their own, which answer below `/tenants/NAME/shop`.
///
/// | request | does |
/// |---|---|
/// | `PUT /tenants/NAME` | takes a script into service, once it has been evaluated without a fault |
/// | `GET /tenants/NAME` | what it used, and the last lines that it logged |
/// | `/tenants/NAME/shop/…` | is answered by the script, which sees the path after `shop` |
public struct TenantRoutes: Sendable {
    private static let largestScript = 256 << 10
    private static let largestBody = 1 << 20

    private let host: WorkerHost
    private let ledger: TenantLedger
    private let stock: HostTable
    private let versions = Versions()

    /// Routes to tenants of a host, whose observer the ledger is.
    public init(host: WorkerHost, ledger: TenantLedger, counts: [String: Int]) throws {
        self.host = host
        self.ledger = ledger
        stock = try HostTable([Stock(counts: counts)])
    }

    /// A router with the routes.
    public func router() -> Router<BasicRequestContext> {
        let router = Router()
        let tenant = router.group("tenants/:name")
        tenant.put { request, context in try await self.deploy(request, context) }
        tenant.get { _, context in self.ledger.account(of: try context.parameters.require("name")) }
        for method in [HTTPRequest.Method.get, .post, .put, .delete] {
            tenant.on("shop", method: method) { try await self.ask($0, $1) }
            tenant.on("shop/**", method: method) { try await self.ask($0, $1) }
        }
        return router
    }

    // MARK: Taking a script into service

    private func deploy(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let name: String = try context.parameters.require("name")
        guard Self.isName(name) else {
            throw HTTPError(.badRequest, message: "names are lower-case letters and digits")
        }
        let source = String(buffer: try await request.body.collect(upTo: Self.largestScript))
        let version = versions.next(of: name)
        var deployment = WorkerDeployment(
            name: name, version: version, identity: "\(name)-\(version)", main: "script.js",
            modules: ["script.js": source])
        deployment.limits = Limits(memory: 32 << 20, cpu: .milliseconds(50), wall: .seconds(2))
        deployment.bindings = [try stock.bind(Stock.self, as: "STOCK", grant: .init(things: ["nest box", "feeder"]))]
        deployment.variables = [(name: "TENANT", value: name)]
        // A script that does not parse, throws or never ends does not replace the one in service.
        let faults = await host.check(deployment)
        if let fault = faults.first {
            throw HTTPError(.unprocessableContent, message: "script.js:\(fault.line):\(fault.column): \(fault.message)")
        }
        host.install(deployment)
        return Response(status: .created)
    }

    private static func isName(_ text: String) -> Bool {
        (1...63).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
    }

    // MARK: Asking it

    private func ask(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let name: String = try context.parameters.require("name")
        let body = try await request.body.collect(upTo: Self.largestBody)
        // Whatever the host is called outside, a script sees a name of its own, and none of the shop's headers.
        let path = context.parameters.getCatchAll().joined(separator: "/")
        let query = request.uri.query.map { "?\($0)" } ?? ""
        let asked = WorkerRequest(
            request.method.rawValue, "http://\(name).shop.test/\(path)\(query)",
            headers: request.headers[.contentType].map { [HeaderField("content-type", $0)] } ?? [],
            body: body.readableBytes == 0 ? nil : Array(buffer: body))
        do {
            return Self.response(try await host.fetch(asked, from: name, most: Self.largestBody))
        } catch {
            throw Self.refusal(error)
        }
    }

    private static func response(_ answer: WorkerResponse) -> Response {
        var headers = HTTPFields()
        for field in answer.head.headers {
            guard let name = HTTPField.Name(field.name), name != .contentLength, name != .transferEncoding else {
                continue
            }
            headers.append(HTTPField(name: name, value: field.value))
        }
        return Response(
            status: .init(code: answer.head.status), headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    /// What a visitor may know of why there is no answer.
    private static func refusal(_ failure: DispatchFailure) -> HTTPError {
        switch failure {
        case .unknownWorker: HTTPError(.notFound)
        case .overloaded, .shuttingDown: HTTPError(.serviceUnavailable, headers: [.retryAfter: "1"])
        case .ended(.exceededCPU), .ended(.exceededMemory), .ended(.exceededWallTime):
            HTTPError(.serviceUnavailable, message: "the script used more than it may")
        case .ended: HTTPError(.internalServerError, message: "the script failed")
        }
    }
}

/// Numbers of versions by tenant.
private final class Versions: Sendable {
    private let numbers = Mutex<[String: Int]>([:])

    func next(of tenant: String) -> Int {
        numbers.withLock { numbers in
            numbers[tenant, default: 0] += 1
            return numbers[tenant, default: 1]
        }
    }
}
