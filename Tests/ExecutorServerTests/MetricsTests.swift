// SPDX-License-Identifier: Apache-2.0

import ExecutorServer
import Testing
import WorkerTypes

/// The page of some metrics.
private func text(_ metrics: RequestMetrics) -> String { String(decoding: metrics.page(), as: UTF8.self) }

@Suite("Metrics", .timeLimit(.minutes(1)))
struct MetricsTests {
    /// The samples of a page by name and labels.
    private func samples(_ server: AdminServer) async throws -> [String: String] {
        let answer = try await server.client.request("GET", "/metrics")
        #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        var samples: [String: String] = [:]
        for line in answer.body.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            #expect(parts.count == 2 && Double(parts[1]) != nil, "\(line)")
            #expect(samples.updateValue(String(parts[1]), forKey: String(parts[0])) == nil, "\(line) is there twice")
        }
        return samples
    }

    @Test("Dispatches are counted by worker and outcome, with what they took")
    func counts() async throws {
        var options = AdminOptions()
        options.sources = MetricsSources(version: "1\"\\\n2", engine: "10.2", connections: { 5 })
        try await AdminServer.serve(options: options) { server in
            _ = try await server.client.request("PUT", "/v1/workers/one", manifest())
            for _ in 0..<3 { server.metrics.observe(record()) }
            server.metrics.observe(
                record { record in
                    record.outcome = .exceededMemory
                    record.start = .cold
                    record.kind = .scheduled
                    record.usage.wallMicroseconds = 60_000_000
                })
            server.metrics.observe(line("x"))
            let samples = try await samples(server)
            let expected = [
                #"rookery_requests_total{worker="one",outcome="ok"}"#: "3",
                #"rookery_requests_total{worker="one",outcome="exceededMemory"}"#: "1",
                #"rookery_requests_total{worker="_other",outcome="ok"}"#: "0",
                #"rookery_cpu_seconds_total{worker="one"}"#: "0.006",
                #"rookery_request_duration_seconds_bucket{start="warm",le="0.001"}"#: "0",
                #"rookery_request_duration_seconds_bucket{start="warm",le="0.0025"}"#: "3",
                #"rookery_request_duration_seconds_bucket{start="cold",le="30"}"#: "0",
                #"rookery_request_duration_seconds_bucket{start="cold",le="+Inf"}"#: "1",
                #"rookery_request_duration_seconds_sum{start="warm"}"#: "0.006",
                #"rookery_request_duration_seconds_count{start="warm"}"#: "3",
                #"rookery_request_wait_seconds_bucket{le="0.0001"}"#: "4",
                #"rookery_starts_total{start="cold"}"#: "1", #"rookery_starts_total{start="warm"}"#: "3",
                "rookery_scheduled_runs_total": "1", "rookery_host_calls_total": "20",
                "rookery_subrequests_total": "8", "rookery_egress_bytes_total": "40", "rookery_log_lines_total": "1",
                "rookery_connections": "5", "rookery_isolates": "3", "rookery_workers": "1",
                #"rookery_build_info{version="1\"\\\n2",engine="10.2"}"#: "1",
            ]
            for (name, value) in expected { #expect(samples[name] == value, "\(name)") }
        }
    }

    @Test("A WebSocket that ends well is no request and has no latency; one that a limit ended counts with its outcome")
    func sockets() async throws {
        try await AdminServer.serve { server in
            _ = try await server.client.request("PUT", "/v1/workers/one", manifest())
            for outcome in [Outcome.ok, .exceededCPU] {
                server.metrics.observe(
                    record { record in
                        record.kind = .socket
                        record.outcome = outcome
                    })
            }
            let samples = try await samples(server)
            let expected = [
                #"rookery_requests_total{worker="one",outcome="ok"}"#: "0",
                #"rookery_requests_total{worker="one",outcome="exceededCPU"}"#: "1",
                #"rookery_request_duration_seconds_count{start="warm"}"#: "0", "rookery_websockets_closed_total": "2",
                #"rookery_cpu_seconds_total{worker="one"}"#: "0.003", "rookery_websockets": "0",
            ]
            for (name, value) in expected { #expect(samples[name] == value, "\(name)") }
        }
    }

    @Test("So many workers have series of their own, and the rest share one; a deleted one leaves")
    func cardinality() async throws {
        try await AdminServer.serve { server in
            for number in 0..<5 {
                _ = try await server.client.request("PUT", "/v1/workers/w\(number)", manifest())
                server.metrics.observe(record("w\(number)"))
            }
            let count = RequestMetrics.standardWorkers
            for number in 0..<count + 50 { server.metrics.observe(record("x\(number)")) }
            // Those were never deployed, or are no more.
            var now = try await samples(server)
            let labels = now.keys.filter { $0.hasPrefix("rookery_cpu_seconds_total{") }
            #expect(labels.count == 6)
            #expect(now[#"rookery_requests_total{worker="_other",outcome="ok"}"#] == "55")
            _ = try await server.client.request("DELETE", "/v1/workers/w1")
            now = try await samples(server)
            #expect(now[#"rookery_cpu_seconds_total{worker="w1"}"#] == nil)
            #expect(now[#"rookery_cpu_seconds_total{worker="w2"}"#] != nil)
        }
    }

    @Test("A worker that becomes much busier than one with series takes its place, and no counter goes back")
    func busiest() async throws {
        let metrics = RequestMetrics(mostWorkers: 1)
        func page() -> [String] {
            text(metrics).split(separator: "\n").filter { $0.hasPrefix("rookery_requests_total") }.map(String.init)
        }
        metrics.observe(record("a"))
        for _ in 0..<10 { metrics.observe(record("b")) }
        #expect(
            page() == [
                #"rookery_requests_total{worker="b",outcome="ok"} 0"#,
                #"rookery_requests_total{worker="_other",outcome="ok"} 10"#,
            ])
        for _ in 0..<3 { metrics.observe(record("b")) }
        metrics.observe(record("a"))
        #expect(
            page() == [
                #"rookery_requests_total{worker="b",outcome="ok"} 3"#,
                #"rookery_requests_total{worker="_other",outcome="ok"} 11"#,
            ])
    }

    @Test("Counting from many threads at once loses nothing")
    func threads() async throws {
        let metrics = RequestMetrics()
        await withTaskGroup { group in
            for task in 0..<4 {
                group.addTask {
                    for number in 0..<5000 { metrics.observe(record("w\((number + task) % 150)")) }
                }
            }
        }
        let total = text(metrics).split(separator: "\n").filter { $0.hasPrefix("rookery_requests_total") }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
        #expect(total == 20_000)
        #expect(text(metrics).contains("rookery_request_duration_seconds_count{start=\"warm\"} 20000\n"))
    }
}
