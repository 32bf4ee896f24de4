// SPDX-License-Identifier: Apache-2.0

/// What waits for an isolate, and whether somebody looks after it already: a value, without lock or thread.
struct Mailbox<Request> {
    typealias Signals = MailboxSignals

    private enum Phase {
        case idle
        case queued
        case running
        case closed
    }

    /// What to do after something was added.
    enum Step: Equatable {
        /// Somebody looks after it.
        case wait
        /// Queue the isolate for a thread.
        case queue
        /// The isolate is no more: nothing was added.
        case closed
    }

    private var phase = Phase.idle
    private var requests = FirstInFirstOut<Request>()
    private var signals: Signals = []

    var waiting: Int { requests.count }

    mutating func add(_ request: Request) -> Step {
        guard phase != .closed else { return .closed }
        requests.add(request)
        return queue()
    }

    mutating func add(_ signal: Signals) -> Step {
        guard phase != .closed else { return .closed }
        signals.formUnion(signal)
        return queue()
    }

    private mutating func queue() -> Step {
        guard phase == .idle else { return .wait }
        phase = .queued
        return .queue
    }

    /// A thread has the isolate: it looks at the signals, and takes up to `most` requests.
    mutating func take(atMost most: Int) -> (requests: [Request], signals: Signals) {
        guard phase != .closed else { return ([], []) }
        phase = .running
        defer { signals = [] }
        var taken: [Request] = []
        while taken.count < most, let request = requests.take() { taken.append(request) }
        return (taken, signals)
    }

    /// The thread has done what it took. `hasRoom`: requests that wait could be begun.
    mutating func finish(hasRoom: Bool) -> Step {
        guard phase != .closed else { return .closed }
        phase = .idle
        return signals.isEmpty && (requests.isEmpty || !hasRoom) ? .wait : queue()
    }

    /// The isolate is no more. Returns the requests that waited.
    mutating func close() -> [Request] {
        phase = .closed
        signals = []
        return requests.takeAll()
    }
}

/// What an isolate has to look at besides requests.
struct MailboxSignals: OptionSet {
    let rawValue: UInt16
    /// Answers of the host, or tasks of V8.
    static let wake = MailboxSignals(rawValue: 1)
    /// The script's timers are due.
    static let timer = MailboxSignals(rawValue: 2)
    /// A dispatch may have passed its deadline.
    static let deadline = MailboxSignals(rawValue: 4)
    /// A dispatch is to hear that nobody waits for it.
    static let abort = MailboxSignals(rawValue: 8)
    /// Modules were read.
    static let modules = MailboxSignals(rawValue: 16)
    /// It is to end once nothing is under way.
    static let retire = MailboxSignals(rawValue: 32)
    /// It is to end if nothing is under way.
    static let evict = MailboxSignals(rawValue: 64)
    /// It waited for room for too long.
    static let giveUp = MailboxSignals(rawValue: 128)
    /// Messages of WebSockets have come, or their ends.
    static let socket = MailboxSignals(rawValue: 256)
    /// WebSockets are to be closed: the server ends.
    static let closeSockets = MailboxSignals(rawValue: 512)
}
