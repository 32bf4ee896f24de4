// SPDX-License-Identifier: Apache-2.0

/// Bytes that are read one chunk after another. One read is under way at a time.
public protocol ByteStream: AnyObject, Sendable {
    /// Reads the next chunk of at most `count` bytes, above zero, and answers once, from any thread: `nil` at the
    /// end, and from then on.
    func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void)
    /// Nobody reads on. A read under way is still answered.
    func cancel()
}

/// What takes bytes one chunk after another. One write is under way at a time.
public protocol ByteSink: AnyObject, Sendable {
    /// Takes a chunk and answers once, from any thread, when it can take another.
    func write(_ bytes: [UInt8], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void)
    /// That was all. Answers once, when what was written is in place.
    func finish(_ answer: @escaping @Sendable (Result<Void, HostError>) -> Void)
    /// Nothing more comes, and what was written does not count.
    func cancel()
}

extension ByteStream {
    /// Reads the next chunk; `nil` at the end.
    public func read(atMost count: Int) async throws(HostError) -> [UInt8]? {
        try await withCheckedContinuation { continuation in read(atMost: count) { continuation.resume(returning: $0) } }
            .get()
    }
}

extension ByteSink {
    /// Writes a chunk.
    public func write(_ bytes: [UInt8]) async throws(HostError) {
        try await withCheckedContinuation { continuation in write(bytes) { continuation.resume(returning: $0) } }.get()
    }

    /// Ends what was written.
    public func finish() async throws(HostError) {
        try await withCheckedContinuation { continuation in finish { continuation.resume(returning: $0) } }.get()
    }
}
