// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// What the watchdog has to tell, kept until it holds its lock no more.
enum WatchdogNews {
    private static let news = Mutex<[@Sendable () -> Void]>([])

    /// Under the watchdog's lock.
    static func add(_ item: @escaping @Sendable () -> Void) { news.withLock { $0.append(item) } }

    /// On the watchdog's thread, without its lock.
    static func deliver() {
        let items = news.withLock { news in
            defer { news.removeAll(keepingCapacity: true) }
            return news
        }
        for item in items { item() }
    }
}
