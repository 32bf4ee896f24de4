// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Sends what a worker does to one client, as server-sent events, until either is gone.
final class LogStream: ExchangeObserver {
    private let exchange: Exchange
    private let logs: WorkerLogs
    private let worker: String
    private let subscriber: LogSubscriber
    private let keepAlive: Duration

    /// `nil` where too many watch.
    init?(of worker: String, tail: Int, logs: WorkerLogs, keepAlive: Duration, to exchange: Exchange) {
        guard let subscriber = logs.subscribe(to: worker, tail: tail) else { return nil }
        self.exchange = exchange
        self.logs = logs
        self.worker = worker
        self.subscriber = subscriber
        self.keepAlive = keepAlive
    }

    /// Who ends its side of the connection is gone: a program that was killed does no more.
    func clientLeft(_ exchange: Exchange, _ how: ClientDeparture) { subscriber.end() }

    /// Streams to the end.
    func run() async {
        exchange.start(
            ResponseHead(
                status: 200,
                headers: [
                    "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store",
                    "x-accel-buffering": "no",
                ]))
        let ticks = Task { [subscriber, keepAlive] in
            while (try? await Task.sleep(for: keepAlive)) != nil { subscriber.wake() }
        }
        if await exchange.write(Array(": \(worker)\n\n".utf8)) { await send() }
        ticks.cancel()
        close()
        exchange.finish()
    }

    /// Watches no more.
    func close() { logs.unsubscribe(subscriber, from: worker) }

    private func send() async {
        for await _ in subscriber.news {
            let batch = subscriber.batch()
            guard await exchange.write(Self.text(of: batch)), !batch.isLast else { return }
        }
    }

    /// Nothing to say is a comment, which keeps the connection alive.
    private static func text(of batch: LogSubscriber.Batch) -> [UInt8] {
        var writer = JSONWriter()
        for event in batch.events {
            writer.text("event: \(event.type)\ndata: ")
            event.write(to: &writer)
            writer.text("\n\n")
        }
        if batch.dropped > 0 {
            writer.text("event: dropped\ndata: ")
            writer.object { $0.member("count", batch.dropped) }
            writer.text("\n\n")
        }
        if writer.bytes.isEmpty { writer.text(":\n\n") }
        return writer.bytes
    }
}

extension Exchange {
    /// Sends a piece of the body, and waits until another may follow. False if the client is gone.
    func write(_ bytes: [UInt8]) async -> Bool {
        await withCheckedContinuation { continuation in
            write(bytes) { continuation.resume(returning: $0 == .ready) }
        }
    }
}
