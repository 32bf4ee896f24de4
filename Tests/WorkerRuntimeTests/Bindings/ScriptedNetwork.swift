// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import HostAPI
import Synchronization

/// A capability that answers as its requests' paths say, without a network.
struct ScriptedNetwork: Capability {
    typealias Grant = WholeGrant
    static let name = "fetch"

    private struct Request: Codable {
        var method: String
        var url: String
        var headers: [[String]]
        var redirect: String
        var body: String?
    }

    private struct Head: Encodable {
        var status = 200
        var statusText = "Fine"
        var headers = [["Content-Type", "text/plain"], ["Set-Cookie", "a=1"], ["set-cookie", "b=2"]]
        var url: String
        var redirected = false
    }

    private let journal = Journal()
    /// What happened, in order.
    var seen: [String] { journal.lines }

    var operations: [Operation] {
        [
            Operation("send", mostArgumentBytes: 32 << 20) { (arguments: HostArguments, call) async throws(HostError) in
                var request = try arguments.decode(0, as: Request.self)
                let path = request.url.split(separator: "/", maxSplits: 2).last.map(String.init) ?? ""
                journal.add("\(request.method) \(path)")
                var head = Head(url: request.url)
                switch path {
                case "denied": throw .denied("fetching it", allowedBy: "a fetch grant of it")
                case "exhausted": throw HostError(.exhausted, "too many")
                case "unavailable": throw HostError(.unavailable, "nobody listens")
                case "stall":
                    await withCheckedContinuation { continuation in
                        call.onCancel {
                            journal.add("cancelled")
                            continuation.resume()
                        }
                    }
                    throw HostError(.cancelled, "cancelled")
                case "early":
                    if case .stream(let body) = arguments[1] { body.cancel() }
                case "moved":
                    (head.status, head.headers) = (302, [["location", "/x"]])
                case "redirected":
                    (head.redirected, head.url) = (true, "http://other.test/#fragment")
                case "endless": return .list([try HostValue(encoding: head), .stream(Endless(journal))])
                case "breaks": return .list([try HostValue(encoding: head), .stream(Endless(journal, breaksAt: 2))])
                case "204", "304": head.status = path == "204" ? 204 : 304
                case "nothing": return .list([try HostValue(encoding: head), .null])
                case "count":
                    let count = try await Self.bytes(arguments[1]).count
                    if case .stream = arguments[1] {
                        request.body = "streamed \(count)"
                    } else {
                        request.body = "\(count)"
                    }
                default:
                    request.body = String(decoding: try await Self.bytes(arguments[1]), as: UTF8.self)
                    journal.add("read \(request.body?.utf8.count ?? 0)")
                }
                guard case .json(let text) = try HostValue(encoding: request) else { return .undefined }
                return .list([try HostValue(encoding: head), .stream(Text(text, journal))])
            }
        ]
    }

    private static func bytes(_ value: HostValue) async throws(HostError) -> [UInt8] {
        switch value {
        case .string(let text): return Array(text.utf8)
        case .bytes(let bytes): return bytes
        case .stream(let stream):
            var all: [UInt8] = []
            while let chunk = try await stream.read(atMost: 100_000) { all += chunk }
            return all
        default: return []
        }
    }

    final class Journal: Sendable {
        private let kept = Mutex<[String]>([])
        var lines: [String] { kept.withLock { $0 } }
        func add(_ line: String) { kept.withLock { $0.append(line) } }
    }

    private final class Text: ByteStream {
        private let rest: Mutex<ArraySlice<UInt8>>
        private let journal: Journal

        init(_ text: [UInt8], _ journal: Journal) {
            rest = Mutex(text[...])
            self.journal = journal
        }

        func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
            let part = rest.withLock { rest in
                defer { rest = rest.dropFirst(count) }
                return Array(rest.prefix(count))
            }
            answer(.success(part.isEmpty ? nil : part))
        }

        func cancel() { journal.add("response cancelled") }
    }

    private final class Endless: ByteStream {
        private let count = Atomic(0)
        private let breaksAt: Int
        private let journal: Journal

        init(_ journal: Journal, breaksAt: Int = .max) {
            self.journal = journal
            self.breaksAt = breaksAt
        }

        func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
            let number = self.count.add(1, ordering: .relaxed).newValue
            journal.add("chunk")
            answer(
                number > breaksAt
                    ? .failure(HostError(.unavailable, "the connection was lost"))
                    : .success([UInt8](repeating: 120, count: 1000)))
        }

        func cancel() { journal.add("response cancelled") }
    }
}
