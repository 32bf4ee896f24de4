// SPDX-License-Identifier: Apache-2.0
import Hummingbird
import Synchronization
import WorkerRuntime
import WorkerTypes

/// What each tenant's script did and used, for bills and for its owner.
public final class TenantLedger: WorkerObserver {
    /// One tenant's account.
    public struct Account: ResponseCodable, Sendable, Equatable {
        /// Requests that are over.
        public var requests = 0
        /// Those of them that did not end well.
        public var failures = 0
        /// CPU time of all of them.
        public var cpuMicroseconds = 0
        /// The last lines that it gave to console.
        public var lines: [String] = []
    }

    private static let mostLines = 20
    private let accounts = Mutex<[String: Account]>([:])

    /// Nobody did anything yet.
    public init() {}

    /// Keeps the line.
    public func observe(_ line: WorkerLogLine) {
        change(line.worker) { account in
            account.lines.append(line.message)
            account.lines.removeFirst(max(0, account.lines.count - Self.mostLines))
        }
    }

    /// Counts the request.
    public func observe(_ record: RequestRecord) {
        change(record.worker) { account in
            account.requests += 1
            if record.outcome != .ok { account.failures += 1 }
            account.cpuMicroseconds += record.usage.cpuMicroseconds
        }
    }

    private func change(_ tenant: String, _ body: (inout Account) -> Void) {
        accounts.withLock { body(&$0[tenant, default: Account()]) }
    }

    /// A tenant's account so far.
    public func account(of tenant: String) -> Account { accounts.withLock { $0[tenant] ?? Account() } }
}
