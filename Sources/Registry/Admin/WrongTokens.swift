// SPDX-License-Identifier: Apache-2.0

/// Slows down those who guess tokens: each source may be wrong a few times at once, then once in a while.
///
/// A value without a clock: times are the caller's, since any moment that stays the same. Ask `delay(for:at:)` before a
/// token is compared, and tell `failed(_:at:)` that it was wrong. Sources beyond the most that are remembered share one
/// allowance, so that who comes from many addresses is slowed down too.
public struct WrongTokens: Sendable {
    private struct Allowance {
        var left: Int
        /// When `left` was right.
        var since: Duration
    }

    private let burst: Int
    private let interval: Duration
    private let mostSources: Int
    private var sources: [String: Allowance] = [:]
    private var others: Allowance

    /// So many wrong tokens at once, and then one an interval: 10, and 6 seconds.
    /// - Parameters:
    ///   - burst: 1 or more.
    ///   - interval: above zero.
    ///   - mostSources: how many sources are remembered.
    public init(burst: Int = 10, interval: Duration = .seconds(6), mostSources: Int = 1024) {
        self.burst = max(1, burst)
        self.interval = max(.nanoseconds(1), interval)
        self.mostSources = max(0, mostSources)
        others = Allowance(left: self.burst, since: .zero)
    }

    /// How many sources are remembered.
    public var count: Int { sources.count }

    /// How long a source must wait before another token of it is looked at; `nil` is not at all.
    /// - Parameter source: an address, of IPv6 the first 64 bits: a client has all that begin with these.
    public func delay(for source: String, at time: Duration) -> Duration? {
        let allowance = refilled(sources[source] ?? (isFull(at: time) ? others : fresh(time)), at: time)
        guard allowance.left <= 0 else { return nil }
        return max(.zero, allowance.since + interval - time)
    }

    /// A token of a source was wrong.
    public mutating func failed(_ source: String, at time: Duration) {
        if sources[source] == nil, sources.count >= mostSources {
            sources = sources.filter { refilled($0.value, at: time).left < burst }
        }
        guard sources[source] != nil || sources.count < mostSources else {
            others = refilled(others, at: time)
            others.left = max(0, others.left - 1)
            return
        }
        var allowance = refilled(sources[source] ?? fresh(time), at: time)
        allowance.left = max(0, allowance.left - 1)
        sources[source] = allowance
    }

    /// A token of a source was right: what it had wrong before is forgotten.
    public mutating func succeeded(_ source: String) { sources[source] = nil }

    private func fresh(_ time: Duration) -> Allowance { Allowance(left: burst, since: time) }

    /// Whether a new source would find no place.
    private func isFull(at time: Duration) -> Bool {
        sources.count >= mostSources && sources.values.allSatisfy { refilled($0, at: time).left < burst }
    }

    private func refilled(_ allowance: Allowance, at time: Duration) -> Allowance {
        guard time > allowance.since else { return allowance }
        guard allowance.left < burst else { return fresh(time) }
        let elapsed = (time - allowance.since) / interval
        let gained = Int(min(elapsed, Double(burst)))
        guard allowance.left + gained < burst else { return fresh(time) }
        return Allowance(left: allowance.left + gained, since: allowance.since + interval * gained)
    }
}
