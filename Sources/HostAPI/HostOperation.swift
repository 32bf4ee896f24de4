// SPDX-License-Identifier: Apache-2.0

/// One thing that a script can ask of a capability.
///
/// An operation checks its grant first, then its arguments, then charges what it will use, and only then works.
public struct HostOperation<Access: Sendable>: Sendable {
    enum Body: Sendable {
        case now(@Sendable (HostArguments, HostCall<Access>) throws(HostError) -> HostValue)
        case later(@Sendable (HostArguments, HostCall<Access>, HostAnswer) -> Void)
    }

    /// Its name within the capability, as in `get`.
    public let name: String
    /// The most that a script may pass it in one call, in bytes; more is refused before it is copied.
    public let mostArgumentBytes: Int
    let body: Body

    /// So much unless an operation says otherwise: 64 KiB.
    public static var standardArgumentBytes: Int { 64 << 10 }

    private init(_ name: String, _ most: Int, _ body: Body) {
        self.name = name
        mostArgumentBytes = most
        self.body = body
    }

    /// An operation that answers at once, on the isolate's thread: it may not wait for anything.
    public init(
        sync name: String, mostArgumentBytes: Int = Self.standardArgumentBytes,
        _ body: @escaping @Sendable (HostArguments, HostCall<Access>) throws(HostError) -> HostValue
    ) {
        self.init(name, mostArgumentBytes, .now(body))
    }

    /// An operation that answers at once; its one argument is decoded, its result encoded.
    public init<Argument: Decodable & SendableMetatype, Result: Encodable & SendableMetatype>(
        sync name: String, mostArgumentBytes: Int = Self.standardArgumentBytes,
        _ body: @escaping @Sendable (Argument, HostCall<Access>) throws(HostError) -> Result
    ) {
        self.init(
            name, mostArgumentBytes,
            .now { (arguments, call) throws(HostError) in
                try HostValue(encoding: body(arguments.decode(0, as: Argument.self), call))
            })
    }

    /// An operation that answers later, once, from any thread. It begins on the isolate's thread, where it may not
    /// wait for anything.
    public init(
        later name: String, mostArgumentBytes: Int = Self.standardArgumentBytes,
        _ body: @escaping @Sendable (HostArguments, HostCall<Access>, HostAnswer) -> Void
    ) {
        self.init(name, mostArgumentBytes, .later(body))
    }

    /// An operation in a task of its own, which is cancelled with the call.
    public init(
        _ name: String, mostArgumentBytes: Int = Self.standardArgumentBytes,
        _ body: @escaping @Sendable (HostArguments, HostCall<Access>) async throws(HostError) -> HostValue
    ) {
        self.init(
            name, mostArgumentBytes,
            .later { arguments, call, answer in
                let task = Task {
                    do throws(HostError) {
                        answer(.success(try await body(arguments, call)))
                    } catch {
                        answer(.failure(error))
                    }
                }
                call.onCancel { task.cancel() }
            })
    }

    /// An operation in a task of its own; its one argument is decoded, its result encoded.
    public init<Argument: Decodable & SendableMetatype, Result: Encodable & SendableMetatype>(
        _ name: String, mostArgumentBytes: Int = Self.standardArgumentBytes,
        _ body: @escaping @Sendable (Argument, HostCall<Access>) async throws(HostError) -> Result
    ) {
        self.init(name, mostArgumentBytes: mostArgumentBytes) { (arguments, call) async throws(HostError) in
            try await HostValue(encoding: body(arguments.decode(0, as: Argument.self), call))
        }
    }
}
