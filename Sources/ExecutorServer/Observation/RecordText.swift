// SPDX-License-Identifier: Apache-2.0
internal import WorkerTypes

/// What a worker did, as it is kept and told.
enum WorkerEvent: Sendable {
    case line(WorkerLogLine)
    case record(RequestRecord)

    /// About what it takes in memory.
    var size: Int {
        switch self {
        case .line(let line): 128 + line.message.utf8.count
        case .record(let record):
            384 + record.url.utf8.count + (record.error?.utf8.count ?? 0) + (record.stack?.utf8.count ?? 0)
        }
    }

    var worker: String {
        switch self {
        case .line(let line): line.worker
        case .record(let record): record.worker
        }
    }

    /// The type of its server-sent event.
    var type: StaticString {
        switch self {
        case .line: "line"
        case .record: "record"
        }
    }

    /// - Parameter hasType: whether the type is a member too.
    func write(to writer: inout JSONWriter, hasType: Bool = false) {
        writer.object { writer in
            if hasType { writer.member("type", type.description) }
            switch self {
            case .line(let line): line.writeMembers(to: &writer)
            case .record(let record): record.writeMembers(to: &writer)
            }
        }
    }
}

extension WorkerLogLine {
    /// The members that `Codable` has, under their names.
    func writeMembers(to writer: inout JSONWriter) {
        writer.member("id", Int(truncatingIfNeeded: id))
        writer.member("worker", worker)
        writer.member("version", version)
        writer.member("level", level)
        writer.member("message", message)
        writer.member("time", time)
    }
}

extension RequestRecord {
    /// The members that `Codable` has, under their names.
    func writeMembers(to writer: inout JSONWriter) {
        writer.member("id", Int(truncatingIfNeeded: id))
        writer.member("worker", worker)
        writer.member("version", version)
        writer.member("kind", kind.rawValue)
        writer.member("time", time)
        writer.member("method", method)
        writer.member("url", url)
        writer.member("status", status)
        writer.member("outcome", outcome.rawValue)
        writer.member("start", start.rawValue)
        writer.member("waitMicroseconds", waitMicroseconds)
        writer.name("usage")
        writer.object { writer in usage.writeMembers(to: &writer) }
        writer.member("requestBytes", requestBytes)
        writer.member("responseBytes", responseBytes)
        if trace != nil { writer.member("trace", trace) }
        if error != nil { writer.member("error", error) }
        if stack != nil { writer.member("stack", stack) }
    }
}

extension Usage {
    /// The members that `Codable` has, under their names.
    func writeMembers(to writer: inout JSONWriter) {
        writer.member("cpuMicroseconds", cpuMicroseconds)
        writer.member("wallMicroseconds", wallMicroseconds)
        writer.member("heapPeakBytes", heapPeakBytes)
        writer.member("externalPeakBytes", externalPeakBytes)
        writer.member("memoryPeakBytes", memoryPeakBytes)
        writer.member("subrequests", subrequests)
        writer.member("egressBytes", egressBytes)
        writer.member("hostCalls", hostCalls)
    }
}
