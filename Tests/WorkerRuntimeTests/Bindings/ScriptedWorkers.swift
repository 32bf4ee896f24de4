// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Synchronization
import WorkerTypes

/// Other workers that answer as their requests' paths say.
struct ScriptedWorkers {
    private struct Echo: Encodable {
        let worker: String
        let method: String
        let url: String
        let headers: [[String]]
        let body: String
        let depth: Int
    }

    private let journal = ScriptedNetwork.Journal()
    /// What happened, in order.
    var seen: [String] { journal.lines }

    var services: Services {
        Services { [journal] request, answer in
            journal.add("\(request.head.method) \(request.head.url)")
            // An answer that is never given, but not let go of either.
            guard !request.head.url.hasSuffix("/stall") else {
                return {
                    journal.add("ended")
                    answer(.failure(HostError(.cancelled, "cancelled")))
                }
            }
            Task {
                do throws(HostError) {
                    answer(.success(try await Self.response(to: request, journal)))
                } catch {
                    answer(.failure(error))
                }
            }
            return { journal.add("ended") }
        }
    }

    private static func response(
        to request: ServiceRequest, _ journal: ScriptedNetwork.Journal
    ) async throws(HostError) -> ServiceResponse {
        let path = request.head.url.split(separator: "/", maxSplits: 2).last.map(String.init) ?? ""
        var head = ResponseHead(status: 200, statusText: "Fine", headers: [HeaderField("x-b", "\u{e9}")])
        if let status = Int(path.prefix(3)), (300..<400).contains(status) {
            head.status = status
            if !path.hasSuffix("nowhere") { head.headers = [HeaderField("location", String(path.dropFirst(4)))] }
            return ServiceResponse(head: head, body: .stream(Numbers(journal)))
        }
        switch path {
        case "fails": throw HostError(.unavailable, "the worker failed")
        case "loops": throw HostError(.exhausted, "too many workers wait")
        case "empty": return ServiceResponse(head: head)
        case "numbers": return ServiceResponse(head: head, body: .stream(Numbers(journal)))
        default: break
        }
        let echo = Echo(
            worker: request.worker, method: request.head.method, url: request.head.url,
            headers: request.head.headers.map { [$0.name, $0.value] }, body: try await text(of: request.body),
            depth: request.chain.depth)
        guard case .json(let bytes) = try HostValue(encoding: echo) else { return ServiceResponse(head: head) }
        return ServiceResponse(head: head, body: .bytes(bytes))
    }

    private static func text(of body: ServiceBody) async throws(HostError) -> String {
        switch body {
        case .none: return "none"
        case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .stream(let stream):
            var bytes: [UInt8] = []
            while let chunk = try await stream.read(atMost: 1000) { bytes += chunk }
            return "streamed " + String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Endless chunks of one digit.
    private final class Numbers: ByteStream {
        private let count = Atomic(0)
        private let journal: ScriptedNetwork.Journal

        init(_ journal: ScriptedNetwork.Journal) { self.journal = journal }

        func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
            let number = self.count.add(1, ordering: .relaxed).newValue
            journal.add("chunk")
            answer(.success([UInt8(0x30 + number % 10)]))
        }

        func cancel() { journal.add("response cancelled") }
    }
}
