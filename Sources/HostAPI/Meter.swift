// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// What a dispatch can use up.
public enum Quantity: Int, Sendable, CaseIterable {
    /// Calls of the script to the host.
    case calls
    /// Requests over the network, redirects included.
    case subrequests
    /// Bytes sent over the network.
    case egressBytes
    /// Bytes received from the network.
    case ingressBytes
    /// Requests under way at a time.
    case concurrentRequests
    /// Calls that are not answered yet, at a time.
    case pendingCalls
    /// Bytes that the host holds for calls under way, at a time.
    case heldBytes
    /// Files and other things open as streams, at a time.
    case openStreams
    /// Lines logged.
    case logLines
    /// Bytes logged.
    case logBytes
    /// Lines that were dropped because the log was full.
    case droppedLogLines

    /// The name of its limit in JSON.
    public var name: String { "\(self)" }

    /// Whether it is bounded at a time, and not used up.
    var isOfNow: Bool {
        switch self {
        case .concurrentRequests, .pendingCalls, .heldBytes, .openStreams: true
        case .calls, .subrequests, .egressBytes, .ingressBytes, .logLines, .logBytes, .droppedLogLines: false
        }
    }
}

/// What a dispatch may use; `nil` is no limit. Decoded strictly from JSON with the names of `Quantity`.
public struct HostLimits: Sendable, Hashable, Codable {
    private var bounds: [Quantity: Int] = [:]

    /// No limits.
    public static let none = HostLimits()
    /// What a dispatch may use unless its operator says otherwise: 50 subrequests, 10 MiB out, 1000 calls pending,
    /// 64 MiB held by the host, 64 streams open, 64 KiB of log.
    public static let standard = HostLimits([
        .subrequests: 50, .egressBytes: 10 << 20, .pendingCalls: 1000, .heldBytes: 64 << 20, .openStreams: 64,
        .logBytes: 64 << 10,
    ])

    /// Limits by quantity; one below zero counts as zero.
    public init(_ bounds: [Quantity: Int] = [:]) { self.bounds = bounds.mapValues { max(0, $0) } }

    /// The limit of a quantity; setting one below zero sets zero.
    public subscript(_ quantity: Quantity) -> Int? {
        get { bounds[quantity] }
        set { bounds[quantity] = newValue.map { max(0, $0) } }
    }

    /// Whether nothing is bounded.
    public var isEmpty: Bool { bounds.isEmpty }

    /// The smaller limit of each quantity.
    public func narrowed(by other: HostLimits) -> HostLimits {
        HostLimits(bounds.merging(other.bounds, uniquingKeysWith: min))
    }

    /// Decodes an object of whole numbers by name.
    /// - Throws: `DecodingError` for an unknown name, or a number below zero.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(Quantity.allCases.map(\.name))
        for quantity in Quantity.allCases {
            guard let bound = try container.decodeIfPresent(Int.self, forKey: GrantKey(quantity.name)) else { continue }
            guard bound >= 0 else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: container.codingPath, debugDescription: "\(quantity.name) is below zero"))
            }
            bounds[quantity] = bound
        }
    }

    /// Encodes an object of whole numbers by name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: GrantKey.self)
        for (quantity, bound) in bounds { try container.encode(bound, forKey: GrantKey(quantity.name)) }
    }
}

/// Counts what one dispatch uses, from any thread, and never lets a count pass its limit.
public final class Meter: Sendable {
    private let bounds: InlineArray<11, Int>
    private let counts: InlineArray<11, Atomic<Int>>

    /// A meter at zero.
    public init(_ limits: HostLimits) {
        bounds = InlineArray { index in Quantity(rawValue: index).flatMap { limits[$0] } ?? .max }
        counts = InlineArray { _ in Atomic(0) }
    }

    /// How much was used; of what is bounded at a time, how much is used now.
    public func used(_ quantity: Quantity) -> Int { counts[quantity.rawValue].load(ordering: .relaxed) }

    /// How much may still be used; `Int.max` where there is no limit.
    public func remaining(_ quantity: Quantity) -> Int {
        let bound = bounds[quantity.rawValue]
        return bound == .max ? .max : max(0, bound - used(quantity))
    }

    /// Takes an amount if all of it is left, and otherwise nothing. An amount below zero is refused.
    public func take(_ amount: Int, of quantity: Quantity) -> Bool {
        let bound = bounds[quantity.rawValue]
        guard amount >= 0 else { return false }
        var old = used(quantity)
        while amount <= bound - old {
            let (done, seen) = counts[quantity.rawValue].weakCompareExchange(
                expected: old, desired: old + amount, ordering: .relaxed)
            if done { return true }
            old = seen
        }
        return false
    }

    /// - Parameter binding: whose limit it is; `nil` for that of all.
    func take(_ amount: Int, of quantity: Quantity, by binding: String?) throws(HostError) {
        guard !take(amount, of: quantity) else { return }
        let of = binding.map { " of the grant \(HostError.quote($0))" } ?? ""
        let bound = bounds[quantity.rawValue]
        throw HostError(
            .exhausted,
            "the limit\(of) is \(bound) \(quantity.words), \(used(quantity)) of which are used, and this call needs "
                + "\(amount); a larger limit \"\(quantity.name)\" would allow it")
    }

    /// What was taken before a renewal is not given back after it.
    func giveBack(_ amount: Int, of quantity: Quantity) {
        var old = used(quantity)
        while true {
            let (done, seen) = counts[quantity.rawValue].weakCompareExchange(
                expected: old, desired: max(0, old - amount), ordering: .relaxed)
            if done { return }
            old = seen
        }
    }

    /// As much may be used again; what is bounded at a time stays as it is.
    func renew() {
        for quantity in Quantity.allCases where !quantity.isOfNow {
            counts[quantity.rawValue].store(0, ordering: .relaxed)
        }
    }
}

extension Quantity {
    fileprivate var words: String {
        switch self {
        case .calls: "calls to the host"
        case .subrequests: "requests"
        case .egressBytes: "bytes sent"
        case .ingressBytes: "bytes received"
        case .concurrentRequests: "requests at a time"
        case .pendingCalls: "calls pending at a time"
        case .heldBytes: "bytes held by the host at a time"
        case .openStreams: "streams open at a time"
        case .logLines: "lines of log"
        case .logBytes: "bytes of log"
        case .droppedLogLines: "dropped lines"
        }
    }
}
