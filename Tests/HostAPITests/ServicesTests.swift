// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Synchronization
import Testing
import WorkerTypes

@Suite("Requests of workers to each other") struct ServicesTests {
    private let requests = Recorder<ServiceRequest>()
    private let ends = Recorder<String>()

    /// Answers as the path says.
    private var services: Services {
        Services { [requests, ends] request, answer in
            requests.add(request)
            let head = ResponseHead(status: 201, statusText: "Made", headers: [HeaderField("a", "\u{e9}")])
            switch request.head.url {
            case "http://x/bytes": answer(.success(ServiceResponse(head: head, body: .bytes([1, 2]))))
            case "http://x/stream": answer(.success(ServiceResponse(head: head, body: .stream(Chunks(3, ends)))))
            case "http://x/fails": answer(.failure(HostError(.unavailable, "it is down")))
            case "http://x/never":
                // Not let go of either.
                return { withExtendedLifetime(answer) { ends.add("ended") } }
            default: answer(.success(ServiceResponse(head: head)))
            }
            return { ends.add("ended") }
        }
    }

    private func head(_ url: String, method: String = "GET", headers: String = "[]") -> HostValue {
        .json(#"{"method":"\#(method)","url":"\#(url)","headers":\#(headers),"redirect":"follow"}"#.data)
    }

    @Test("A request arrives with its headers and its body, and the response comes back")
    func exchange() async throws {
        let host = try TestHost(services, ServiceGrant(name: "other"))
        let answer = try await host.call(
            "worker.send", head("http://x/bytes", method: "POST", headers: #"[["A"," b "],["a","c"]]"#), .string("text")
        )
        let request = try #require(requests.items.first)
        #expect(request.worker == "other" && request.head.method == "POST" && request.head.url == "http://x/bytes")
        #expect(
            request.head.headers
                == [HeaderField("A", "b"), HeaderField("a", "c"), HeaderField("content-length", "4")])
        guard case .bytes(let bytes) = request.body else {
            Issue.record("the body is \(request.body)")
            return
        }
        #expect(bytes == "text".data && request.chain.depth == 1)
        guard case .list(let parts) = answer, parts.count == 2 else {
            Issue.record("the answer is \(answer)")
            return
        }
        #expect(parts[0].json?.contains(#""status":201"#) == true && parts[0].json?.contains("é") == true)
        #expect(parts[1] == .bytes([1, 2]))
        #expect(host.scope.meter.used(.subrequests) == 1 && host.scope.meter.used(.egressBytes) == 0)
        #expect(host.scope.meter.used(.concurrentRequests) == 0)
    }

    @Test("A response's stream holds its place until it is let go of, and is cancelled then")
    func stream() async throws {
        let host = try TestHost(services, ServiceGrant(name: "other"), limits: HostLimits([.concurrentRequests: 1]))
        var answer: HostValue? = try await host.call("worker.send", head("http://x/stream"))
        #expect(await host.failure("worker.send", head("http://x/none")) == .exhausted)
        guard case .list(let parts) = answer, case .stream(let stream) = parts[1] else {
            Issue.record("the answer is no stream")
            return
        }
        #expect(try await stream.read(atMost: 10) == [1])
        answer?.discard()
        answer = nil
        #expect(ends.items.contains("cancelled"))
    }

    @Test("A call that is cancelled ends the request, and its body")
    func cancelled() async throws {
        let host = try TestHost(services, ServiceGrant(name: "other"))
        let upload = Chunks(9, ends)
        let call = host.begin("worker.send", [head("http://x/never", method: "POST"), .stream(upload)]) { _ in }
        call?.cancel()
        #expect(ends.items == ["cancelled", "ended"])
        #expect(host.scope.meter.used(.subrequests) == 1)
        _ = await host.failure("worker.send", head("http://x/fails", method: "POST"), .stream(Chunks(1, ends)))
        #expect(ends.items == ["cancelled", "ended", "cancelled"])
    }

    @Test(
        "What is no request is refused before anybody is asked",
        arguments: [
            "{}", #"{"method":"GET","url":"http://x/"}"#, #"{"method":"G T","url":"http://x/","headers":[]}"#,
            #"{"method":"GET","url":"http://x/\na: b","headers":[]}"#,
            #"{"method":"GET","url":"http://x/","headers":[["a"]]}"#,
            #"{"method":"GET","url":"http://x/","headers":[["a b","c"]]}"#,
            #"{"method":"GET","url":"http://x/","headers":[["a","b\nc: d"]]}"#,
            #"{"method":"GET","url":"http://x/","headers":[["a","\u0100"]]}"#,
        ])
    func malformed(_ text: String) async throws {
        let host = try TestHost(services, ServiceGrant(name: "other"))
        #expect(await host.failure("worker.send", .json(text.data)) == .invalidArgument)
        #expect(requests.items.isEmpty && host.scope.meter.used(.subrequests) == 0)
    }

    @Test("A grant that was narrowed to another worker allows none")
    func narrowed() async throws {
        let grant = ServiceGrant(name: "other").narrowed(by: ServiceGrant(name: "third"))
        #expect(await (try TestHost(services, grant)).failure("worker.send", head("http://x/")) == .denied)
        let same = ServiceGrant(name: "other").narrowed(by: ServiceGrant(name: "other"))
        #expect(same == ServiceGrant(name: "other"))
    }

    @Test("Sixteen workers may wait for one another, and no more")
    func depth() async throws {
        var chain: CallChain?
        for depth in 1...16 {
            let host = try TestHost(services, ServiceGrant(name: "other"), chain: chain)
            _ = try await host.call("worker.send", head("http://x/"))
            chain = requests.items.last?.chain
            #expect(chain?.depth == depth)
        }
        let last = try TestHost(services, ServiceGrant(name: "other"), chain: chain)
        #expect(await last.failure("worker.send", head("http://x/")) == .exhausted)
        #expect(requests.items.count == 16 && last.scope.meter.used(.subrequests) == 0)
    }

    @Test("A call counts for each dispatch that waits, so that calls do not multiply")
    func counted() async throws {
        let outer = try TestHost(services, ServiceGrant(name: "b"), limits: HostLimits([.subrequests: 4]))
        _ = try await outer.call("worker.send", head("http://x/"))
        let chain = try #require(requests.items.last?.chain)
        let inner = try TestHost(services, ServiceGrant(name: "c"), chain: chain)
        for _ in 0..<3 { _ = try await inner.call("worker.send", head("http://x/")) }
        #expect(outer.scope.meter.used(.subrequests) == 4)
        #expect(await inner.failure("worker.send", head("http://x/")) == .exhausted)
        #expect(inner.scope.meter.used(.subrequests) == 3)
    }
}

/// Single bytes.
private final class Chunks: ByteStream {
    private let rest: Atomic<Int>
    private let ends: Recorder<String>

    init(_ count: Int, _ ends: Recorder<String>) {
        rest = Atomic(count)
        self.ends = ends
    }

    func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
        answer(.success(rest.subtract(1, ordering: .relaxed).newValue >= 0 ? [1] : nil))
    }

    func cancel() { ends.add("cancelled") }
}
