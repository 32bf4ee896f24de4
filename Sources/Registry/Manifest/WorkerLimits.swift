// SPDX-License-Identifier: Apache-2.0
public import HostAPI
public import WorkerTypes

/// What a worker may use, in the units of a manifest.
public struct WorkerLimits: Sendable, Hashable {
    /// What becomes of an isolate after a request.
    public enum Mode: String, Sendable, CaseIterable {
        /// It stays for the next one.
        case persistent
        /// It is thrown away, and no state can pass from one request to another.
        case fresh
    }

    /// All memory of an isolate together, in MiB: 8 or more.
    public var memoryMiB = 128
    /// CPU time of one dispatch, in milliseconds: 1 or more.
    public var cpuMilliseconds = 50
    /// Elapsed time of one dispatch, in milliseconds: 1 or more.
    public var wallMilliseconds = 30_000
    /// CPU time in which the modules must be evaluated, in milliseconds: 1 or more.
    public var startupMilliseconds = 1000
    /// Requests that one dispatch may make: 0 or more.
    public var subrequests = 50
    /// Bytes that one dispatch may send over the network: 0 or more.
    public var egressBytes = 10 << 20
    /// Bytes of log of one dispatch: 0 or more.
    public var logBytes = 64 << 10
    /// Dispatches under way at a time: 1 or more.
    public var concurrency = 100
    /// WebSockets open at a time: 0 or more.
    public var webSockets = 1000
    /// What becomes of an isolate after a request.
    public var mode = Mode.persistent

    /// The limits of a worker that names none.
    public init() {}

    /// The largest limits, unless the operator allows others.
    public static var most: WorkerLimits {
        var most = WorkerLimits()
        most.memoryMiB = 4096
        most.cpuMilliseconds = 300_000
        most.wallMilliseconds = 900_000
        most.startupMilliseconds = 30_000
        most.subrequests = 10_000
        most.egressBytes = 1 << 40
        most.logBytes = 16 << 20
        most.concurrency = 10_000
        most.webSockets = 100_000
        return most
    }

    /// The same for an isolate.
    public var scriptLimits: Limits {
        Limits(
            memory: memoryMiB << 20, cpu: .milliseconds(cpuMilliseconds), wall: .milliseconds(wallMilliseconds))
    }

    /// The standard limits of calls to the host, with those that are named here.
    public var hostLimits: HostLimits {
        var limits = HostLimits.standard
        limits[.subrequests] = subrequests
        limits[.egressBytes] = egressBytes
        limits[.logBytes] = logBytes
        return limits
    }

    private struct Number: Sendable {
        let name: String
        let place: any WritableKeyPath<WorkerLimits, Int> & Sendable
        let least: Int
    }

    private static let numbers = [
        Number(name: "memoryMiB", place: \.memoryMiB, least: Limits.leastMemory >> 20),
        Number(name: "cpuMilliseconds", place: \.cpuMilliseconds, least: 1),
        Number(name: "wallMilliseconds", place: \.wallMilliseconds, least: 1),
        Number(name: "startupMilliseconds", place: \.startupMilliseconds, least: 1),
        Number(name: "subrequests", place: \.subrequests, least: 0),
        Number(name: "egressBytes", place: \.egressBytes, least: 0),
        Number(name: "logBytes", place: \.logBytes, least: 0),
        Number(name: "concurrency", place: \.concurrency, least: 1),
        Number(name: "webSockets", place: \.webSockets, least: 0),
    ]

    static let members = numbers.map(\.name) + ["mode"]

    /// What a single run has of them.
    static let membersOfRuns = members.filter {
        !["startupMilliseconds", "concurrency", "webSockets", "mode"].contains($0)
    }

    /// - Parameter standard: what is not said.
    init(_ reader: ManifestReader, or standard: WorkerLimits = WorkerLimits()) throws(ManifestError) {
        self = standard
        for number in Self.numbers {
            guard let value = try reader.integer(number.name) else { continue }
            self[keyPath: number.place] = value
        }
        mode = try reader.choice("mode", or: mode)
    }

    /// Refuses a limit that is out of its range.
    /// - Throws: `ManifestError` with a path in `limits`.
    func check(most: WorkerLimits) throws(ManifestError) {
        for number in Self.numbers {
            let (value, most) = (self[keyPath: number.place], most[keyPath: number.place])
            guard value < number.least || value > most else { continue }
            throw ManifestError(
                "limits.\(number.name)", "a whole number from \(number.least) to \(most) is expected, not \(value)")
        }
    }

    var json: JSONValue {
        var members: [String: JSONValue] = ["mode": .text(mode.rawValue)]
        for number in Self.numbers { members[number.name] = .integer(self[keyPath: number.place]) }
        return .object(members)
    }
}
