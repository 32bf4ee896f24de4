// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import HostAPI
internal import Synchronization
internal import WorkerTypes

/// Where a worker's answer goes: to standard output as it comes, or into the report.
final class ResponsePrinter: ByteSink {
    private struct State {
        var head: ResponseHead?
        var body: [UInt8] = []
    }

    /// What a report keeps of a body at the most, in bytes.
    static let mostKept = 64 << 20

    private let state = Mutex(State())
    private let keeps: Bool
    private let showsHead: Bool

    /// - Parameters:
    ///   - keeps: for a report; nothing is printed.
    ///   - showsHead: print status and headers too.
    init(keeps: Bool, showsHead: Bool) {
        self.keeps = keeps
        self.showsHead = showsHead
    }

    /// The head, and as much of the body as was kept.
    var kept: (head: ResponseHead, body: [UInt8])? {
        state.withLock { state in state.head.map { ($0, state.body) } }
    }

    /// The response begins.
    func begin(_ head: ResponseHead) {
        state.withLock { $0.head = head }
        guard !keeps, showsHead else { return }
        var text = "HTTP/1.1 \(head.status)\(head.statusText.isEmpty ? "" : " " + head.statusText)\n"
        for field in head.headers { text += "\(field.name): \(field.value)\n" }
        StandardOutput.write(text + "\n")
    }

    func write(_ bytes: [UInt8], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        guard keeps else {
            StandardOutput.write(bytes)
            return answer(
                StandardOutput.failed == nil ? .success(()) : .failure(HostError(.unavailable, "output closed")))
        }
        let fits = state.withLock { state in
            guard state.body.count + bytes.count <= Self.mostKept else { return false }
            state.body += bytes
            return true
        }
        answer(
            fits
                ? .success(())
                : .failure(HostError(.exhausted, "a report holds a body of at most \(Self.mostKept >> 20) MiB")))
    }

    func finish(_ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) { answer(.success(())) }
    func cancel() {}
}
