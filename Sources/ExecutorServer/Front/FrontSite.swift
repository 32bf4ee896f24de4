// SPDX-License-Identifier: Apache-2.0

/// What all connections of one listener have in common.
final class FrontSite: Sendable {
    let limits: FrontLimits
    let times: FrontTimes
    let forwarding: ForwardingPolicy
    let scheme: URLScheme
    let takesPriorKnowledge: Bool

    init(limits: FrontLimits, forwarding: ForwardingPolicy, scheme: URLScheme, takesPriorKnowledge: Bool) {
        self.limits = limits
        times = FrontTimes(limits)
        self.forwarding = forwarding
        self.scheme = scheme
        self.takesPriorKnowledge = takesPriorKnowledge
    }
}

/// The times of `FrontLimits` in nanoseconds.
struct FrontTimes: Sendable {
    let head: Int64
    let idle: Int64
    let progress: Int64
    let total: Int64?
    let linger: Int64

    init(_ limits: FrontLimits) {
        head = limits.headTime.nanoseconds
        idle = limits.idleTime.nanoseconds
        progress = limits.progressTime.nanoseconds
        total = limits.totalTime?.nanoseconds
        linger = limits.lingerTime.nanoseconds
    }
}

/// The scheme of a URL.
enum URLScheme: Sendable {
    case http
    case https

    var name: String { self == .http ? "http" : "https" }
    /// The scheme and `://`.
    var prefix: [UInt8] { self == .http ? Self.httpPrefix : Self.httpsPrefix }

    private static let httpPrefix = Array("http://".utf8)
    private static let httpsPrefix = Array("https://".utf8)
}
