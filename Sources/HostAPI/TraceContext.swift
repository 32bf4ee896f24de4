// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Where a request stands in a distributed trace (W3C Trace Context): what `traceparent` and `tracestate` say.
public struct TraceContext: Sendable, Hashable {
    /// The trace's; not zero.
    public let trace: UInt128
    /// Whoever asks: not zero.
    public let parent: UInt64
    /// Bit 0: the trace is recorded. Bit 1: its id was random.
    public let flags: UInt8
    /// What others keep with the trace, the value of `tracestate`: passed on as it came.
    public var state: String?

    /// Whether the trace is recorded.
    public var isSampled: Bool { flags & 1 != 0 }

    private init(trace: UInt128, parent: UInt64, flags: UInt8) {
        self.trace = trace
        self.parent = parent
        self.flags = flags
    }

    /// Parses the value of a `traceparent` field: of version 00 exactly, of later ones as much as version 00 has.
    /// - Returns: `nil` for anything else, for ids of zeros, and for digits in upper case: the trace begins anew then,
    ///   and `tracestate` counts for nothing.
    public init?(_ text: some StringProtocol) { self.init(bytes: Array(text.utf8)[...]) }

    /// The same from bytes, as they are in a request's head; nothing is allocated.
    public init?(bytes all: ArraySlice<UInt8>) {
        let start = all.startIndex
        func part(_ range: Range<Int>) -> ArraySlice<UInt8> {
            all[start + range.lowerBound..<start + range.upperBound]
        }
        let dash = UInt8(ascii: "-")
        guard all.count >= Self.length,
            all[start + 2] == dash, all[start + 35] == dash, all[start + 52] == dash,
            let version = Self.number(part(0..<2)), version != 0xff,
            let trace = Self.number(part(3..<35)), trace != 0,
            let parent = Self.number(part(36..<52)), parent != 0,
            let flags = Self.number(part(53..<55))
        else { return nil }
        // A later version may have more, after another dash.
        guard all.count == Self.length || (version > 0 && all[start + Self.length] == dash) else { return nil }
        self.init(
            trace: trace, parent: UInt64(truncatingIfNeeded: parent),
            flags: UInt8(truncatingIfNeeded: flags) & Self.knownFlags)
    }

    /// Begins a trace.
    public init(from source: TraceSource, isSampled: Bool = false) {
        let high = source.next()
        self.init(
            trace: UInt128(high) << 64 | UInt128(source.next()), parent: source.next(), flags: isSampled ? 3 : 2)
    }

    /// The same trace with another parent: what is sent on.
    public func child(from source: TraceSource) -> TraceContext {
        var child = TraceContext(trace: trace, parent: source.next(), flags: flags)
        child.state = state
        return child
    }

    /// Of a message with these fields; `nil` where `traceparent` is not among them or malformed.
    /// - Parameter values: of the fields of a name, which is in lower case.
    public init?(fields values: (_ name: String) -> [String]) {
        guard let parent = values(Self.parentName).first else { return nil }
        self.init(parent)
        let states = values(Self.stateName).filter { !$0.isEmpty }.joined(separator: ",")
        // Malformed, or too long to be sent on with each request: the trace goes on without it.
        let isSound = states.utf8.count <= Self.longestState && states.utf8.allSatisfy { (0x20...0x7e).contains($0) }
        if !states.isEmpty, isSound { state = states }
    }

    /// In bytes; 512 are to be passed on at least.
    private static let longestState = 2048

    static let parentName = "traceparent"
    static let stateName = "tracestate"

    /// The value of the field, in version 00.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The 32 digits of the trace's id.
    public var traceText: String { String(decoding: bytes[3..<35], as: UTF8.self) }

    /// The value of the field as bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.length)
        append(to: &bytes)
        return bytes
    }

    /// Adds the value of the field.
    public func append(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "00-".utf8)
        for shift in stride(from: 124, through: 0, by: -4) {
            bytes.append(Self.digit(UInt8(truncatingIfNeeded: trace >> UInt128(shift)) & 15))
        }
        bytes.append(UInt8(ascii: "-"))
        for shift in stride(from: 60, through: 0, by: -4) {
            bytes.append(Self.digit(UInt8(truncatingIfNeeded: parent >> UInt64(shift)) & 15))
        }
        bytes.append(contentsOf: "-0".utf8)
        bytes.append(Self.digit(flags))
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + (value - 10)
    }

    /// Of version 00's text.
    private static let length = 55
    private static let knownFlags: UInt8 = 3

    /// Digits and lower-case letters only.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt128? {
        var number: UInt128 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt128(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt128(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }
}

extension HostCall {
    /// The fields that say of which trace a request is that this call sends, each time as another part of it; nothing
    /// where the script said so itself, or where nobody asked for traces.
    /// - Parameter names: of the fields that the request has.
    package func traceFields(beside names: some Sequence<String>) -> [(name: String, value: String)] {
        let set = Set(names.map(\.lowercasedASCII))
        guard !set.contains(TraceContext.parentName), let trace = site.scope.nextTrace() else { return [] }
        var fields = [(name: TraceContext.parentName, value: trace.text)]
        if let state = trace.state, !set.contains(TraceContext.stateName) {
            fields.append((TraceContext.stateName, state))
        }
        return fields
    }
}

/// Makes ids of traces and of their parts: none comes twice, and no call to the system is made for one.
public final class TraceSource: Sendable {
    private let counter: Atomic<UInt64>
    private let key: UInt64

    /// Ids of its own.
    public init() {
        counter = Atomic(.random(in: .min ... .max))
        key = .random(in: .min ... .max)
    }

    /// The next id; not zero.
    public func next() -> UInt64 {
        while true {
            let count = counter.wrappingAdd(0x9e37_79b9_7f4a_7c15, ordering: .relaxed).newValue
            let id = Self.mix(Self.mix(count) ^ key)
            if id != 0 { return id }
        }
    }

    /// SplitMix64's last step: a permutation of all numbers.
    private static func mix(_ number: UInt64) -> UInt64 {
        var number = number
        number = (number ^ number >> 30) &* 0xbf58_476d_1ce4_e5b9
        number = (number ^ number >> 27) &* 0x94d0_49bb_1331_11eb
        return number ^ number >> 31
    }
}
