// SPDX-License-Identifier: Apache-2.0
import EgressSupport
import HostAPI
import Testing

@testable import Egress

/// A dispatch that was granted WebSockets, called as a script would.
struct WebSocketTestHost: Sendable {
    let table: HostTable
    let bindings: [HostBinding]
    let scope: CallScope

    /// The grant of tests, unless they say otherwise: loopback, whatever the port.
    static let loopback = NetworkGrant(
        rules: [.any], addresses: AddressPolicy(granted: [AddressBlock(IPAddress(v4: 0x7f00_0001))]))

    /// Names are loopback's first address, but for `two.test`, which has one before where nothing listens.
    private static func makeEgress(trusts certificates: String = "") throws -> HTTPEgress {
        var options = HTTPEgress.Options()
        options.trustedCertificates = Array(certificates.utf8)
        options.lookup = { name throws(HostError) in
            (name == "two.test" ? [IPAddress(v4: 0x7f00_0009)] : []) + [IPAddress(v4: 0x7f00_0001)]
        }
        return try HTTPEgress(options)
    }

    private static let egress = Result { try makeEgress() }
    /// Trusts the test's certificate too.
    private static let trusting = Result { try makeEgress(trusts: SocketCertificate.pem) }

    init(
        _ grant: NetworkGrant = Self.loopback, limits: HostLimits = .standard, secrets: Secrets = .none,
        trusts: Bool = false, options: WebSockets.Options = .init()
    ) throws {
        let egress = try (trusts ? Self.trusting : Self.egress).get()
        table = try HostTable([WebSockets(egress, secrets: secrets, options: options)])
        bindings = [try table.bind(WebSockets.self, as: "SOCKETS", grant: grant)]
        scope = CallScope(caller: "test", bindings: bindings, limits: limits)
    }

    /// Another dispatch under the same binding.
    func another() -> WebSocketTestHost { WebSocketTestHost(self, CallScope(caller: "test", bindings: bindings)) }

    private init(_ host: WebSocketTestHost, _ scope: CallScope) {
        table = host.table
        bindings = host.bindings
        self.scope = scope
    }

    func call(_ operation: String, _ arguments: [HostValue]) async throws(HostError) -> HostValue {
        try await withCheckedContinuation { continuation in
            begin(operation, arguments) { continuation.resume(returning: $0) }
        }.get()
    }

    @discardableResult func begin(
        _ operation: String, _ arguments: [HostValue],
        _ answer: @escaping @Sendable (Result<HostValue, HostError>) -> Void
    ) -> PendingCall? {
        scope.call(
            table.index(of: "websocket.\(operation)") ?? -1, on: 0,
            argumentBytes: HostValue.list(arguments).byteCount, { () throws(HostError) in arguments }, answer: answer)
    }

    func failure(_ operation: String, _ arguments: HostValue...) async -> HostError? {
        await failure(operation, arguments)
    }

    func failure(_ operation: String, _ arguments: [HostValue]) async -> HostError? {
        do throws(HostError) {
            _ = try await call(operation, arguments)
            return nil
        } catch {
            return error
        }
    }

    // MARK: As the script's class does it

    static func target(
        _ port: Int, scheme: String = "ws", host: String = "localhost", path: String = "/", protocols: [String] = []
    ) -> [HostValue] {
        [.string(scheme), .string(host), .number(Double(port)), .string(path), .undefined, .undefined]
            + protocols.map { .string($0) }
    }

    func connect(_ port: Int, protocols: [String] = []) async throws -> HostValue {
        try await connect(Self.target(port, protocols: protocols)).number
    }

    func connect(_ target: [HostValue]) async throws -> (number: HostValue, selection: String) {
        let opened = try await call("connect", target)
        guard case .list(let parts) = opened, parts.count == 2, case .json(let text) = parts[1] else {
            throw HostError(.failed, "connect answered \(opened)")
        }
        return (parts[0], String(decoding: text, as: UTF8.self))
    }

    func receive(_ number: HostValue) async throws -> [HostValue] {
        guard case .list(let values) = try await call("receive", [number]) else {
            throw HostError(.failed, "receive answered no list")
        }
        return values
    }

    /// Receives until the connection is over: the messages, and how it ended.
    func receiveAll(_ number: HostValue) async throws -> ([HostValue], WebSocketTestEnding) {
        var messages: [HostValue] = []
        while true {
            for value in try await receive(number) {
                if case .json = value { return (messages, try value.decode(WebSocketTestEnding.self)) }
                messages.append(value)
            }
        }
    }
}

/// As it reaches scripts.
struct WebSocketTestEnding: Decodable, Equatable {
    let code: Int
    let reason: String
    let wasClean: Bool
    var message = ""
}

extension [UInt8] {
    init(closing code: UInt16, _ reason: String = "") {
        self = [UInt8(code >> 8), UInt8(code & 255)] + Array(reason.utf8)
    }
}
