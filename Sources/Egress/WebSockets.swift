// SPDX-License-Identifier: Apache-2.0
public import HostAPI
public import NIOCore

/// Connections of the WebSocket protocol (RFC 6455), without extensions.
///
/// | operation | arguments | answers |
/// |---|---|---|
/// | `websocket.connect` | scheme, host, port or nothing, path, query with its `?` or nothing, value of `Authorization` or nothing, subprotocols | a list: the number of the connection, `{"protocol","extensions"}` |
/// | `websocket.receive` | number | a list: messages, at least one unless the connection is over; then `{"code","reason","wasClean","message"}` is its last |
/// | `websocket.send` | number, messages | when they were sent |
/// | `websocket.close` | number, code and reason or nothing | when the connection is closing |
///
/// A message is a string or bytes. What a connection receives waits for `receive`, and the peer waits once 256 KiB do.
/// Numbers are those of one dispatch, whose end closes its connections.
public struct WebSockets: Capability {
    /// How long things may take, and how large they may be.
    public struct Options: Sendable {
        /// From the lookup of the name to the end of the opening handshake.
        public var connectTimeout = TimeAmount.seconds(30)
        /// From the script's closing to the peer's answer.
        public var closeTimeout = TimeAmount.seconds(30)
        /// How long the peer is waited for to close the connection after the closing handshake.
        public var lingerTimeout = TimeAmount.seconds(2)
        /// The largest message, either way, in bytes; larger ones that arrive end the connection.
        public var mostMessageBytes = 16 << 20
        /// Connections of one dispatch at a time, closing ones included.
        public var mostConnections = 256

        /// The usual ones.
        public init() {}
    }

    /// `websocket`.
    public static let name = "websocket"

    private let connector: WebSocketConnector
    private let options: Options

    /// Connections over a way out that the process shares.
    /// - Parameters:
    ///   - egress: the way out; what it says of timeouts holds until a connection is made.
    ///   - secrets: what fills the headers that a grant sets on the request that opens a connection.
    ///   - options: timeouts and sizes.
    public init(_ egress: HTTPEgress, secrets: Secrets = .none, options: Options = Options()) {
        self.options = options
        connector = WebSocketConnector(egress: egress, secrets: secrets, options: options)
    }

    /// To which hosts.
    public typealias Grant = NetworkGrant

    /// See the table.
    public var operations: [Operation] { [connect, receive, send, close] }

    private var connect: Operation {
        Operation(later: "connect") { [connector, options] arguments, call, answer in
            do throws(HostError) {
                let target = try WebSocketTarget(arguments)
                let permission = try call.grant.check(target.request)
                let connections = try call.kept(WebSocketConnections.self)
                let place = try connections.reserve(atMost: options.mostConnections)
                try call.charge(1, of: .subrequests)
                let permit = try call.permit(of: .concurrentRequests)
                let account = WebSocketAccount(call, permit, place)
                let attempt = try connector.open(target, permission, account) { opened in
                    // First, so that whoever hears of the failure and tries again has the place.
                    if case .failure = opened { account.end() }
                    answer { () throws(HostError) in
                        let (connection, selection) = try opened.get()
                        guard let number = connections.add(connection) else {
                            throw HostError(.cancelled, "\(call.operation) was cancelled")
                        }
                        return .list([.number(Double(number)), try HostValue(encoding: selection)])
                    }
                }
                call.onCancel { attempt.cancel() }
            } catch {
                answer(.failure(error))
            }
        }
    }

    private var receive: Operation {
        Operation(later: "receive") { arguments, call, answer in
            do throws(HostError) {
                let (connection, forget) = try Self.connection(arguments, call)
                let receiver = WebSocketReceiver { result in
                    if case .success((_, isLast: true)) = result { forget() }
                    answer(result.map(\.values))
                }
                connection.receive(receiver)
                call.onCancel { connection.forget(receiver) }
            } catch {
                answer(.failure(error))
            }
        }
    }

    private var send: Operation {
        // Messages of the largest size, and many small ones beside it.
        let most = options.mostMessageBytes + (1 << 20)
        return Operation(later: "send", mostArgumentBytes: most) { [options] arguments, call, answer in
            do throws(HostError) {
                let (connection, _) = try Self.connection(arguments, call)
                var messages: [WebSocketMessage] = []
                for index in arguments.values.indices.dropFirst() {
                    let bytes = try arguments.bytes(index, most: options.mostMessageBytes)
                    if case .string = arguments[index] {
                        messages.append(WebSocketMessage(bytes: bytes, isText: true))
                    } else {
                        messages.append(WebSocketMessage(bytes: bytes, isText: false))
                    }
                }
                connection.send(messages) { answer($0.map { .undefined }) }
            } catch {
                answer(.failure(error))
            }
        }
    }

    private var close: Operation {
        Operation(later: "close") { arguments, call, answer in
            answer { () throws(HostError) in
                let (connection, _) = try Self.connection(arguments, call)
                let code = arguments.isAbsent(1) ? nil : try arguments.integer(1, in: 1000...4999)
                guard code.map({ $0 == 1000 || $0 >= 3000 }) ?? true else {
                    throw arguments.invalid(1, "must be 1000, or from 3000 to 4999")
                }
                let reason = arguments.isAbsent(2) ? "" : try arguments.string(2, most: 123)
                connection.close(code.map { WebSocketClose(code: $0, reason: reason) })
                return .undefined
            }
        }
    }

    private static func connection(
        _ arguments: HostArguments, _ call: HostCall<NetworkGrant>
    ) throws(HostError) -> (WebSocketConnection, forget: @Sendable () -> Void) {
        let number = try arguments.integer(0)
        let connections = try call.kept(WebSocketConnections.self)
        guard let connection = connections[number] else {
            throw HostError(.notFound, "there is no connection \(number), or it is over")
        }
        return (connection, { connections.remove(number) })
    }
}
