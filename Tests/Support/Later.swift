// SPDX-License-Identifier: Apache-2.0

/// Values that other threads give and a test awaits; a test's time limit ends the wait.
public struct Later<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation

    /// Holds nothing yet.
    public init() { (stream, continuation) = AsyncStream.makeStream() }

    /// Gives a value to one `next()`.
    public func give(_ value: Value) { continuation.yield(value) }

    /// The next value, in the order in which they were given.
    /// - Throws: `CancellationError` when the test's time is over.
    public func next() async throws -> Value {
        for await value in stream { return value }
        throw CancellationError()
    }
}
