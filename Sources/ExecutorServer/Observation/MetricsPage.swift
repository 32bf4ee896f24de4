// SPDX-License-Identifier: Apache-2.0
public import WorkerRuntime
internal import WorkerTypes

/// What the metrics of an executor say besides its requests.
public struct MetricsSources: Sendable {
    /// The version of the program.
    public var version: String
    /// The version of the engine.
    public var engine: String
    /// Connections of clients that are open.
    public var connections: @Sendable () -> Int
    /// How the shards are, where there are any.
    package var shards: @Sendable () -> ShardsStatus? = { nil }

    /// Sources.
    public init(version: String = "", engine: String = "", connections: @escaping @Sendable () -> Int = { 0 }) {
        self.version = version
        self.engine = engine
        self.connections = connections
    }
}

extension RequestMetrics {
    /// The page that Prometheus reads: its text format, version 0.0.4.
    /// - Parameter isPresent: whether there still is a worker of a name; others are forgotten.
    public func page(
        _ sources: MetricsSources = MetricsSources(), host: HostStatus? = nil,
        isPresent: (String) -> Bool = { _ in true }
    ) -> [UInt8] {
        let (totals, workers) = read(isPresent: isPresent)
        var page = Exposition()
        page.family("rookery_build_info", .gauge, "The versions of the program and of its engine.")
        page.sample("rookery_build_info", [("version", sources.version), ("engine", sources.engine)], "1")
        // The rest is no worker: no name begins with an underscore.
        Self.writeWorkers(workers + [(name: "_other", counts: totals.other)], to: &page)
        Self.write(totals, to: &page)
        if let host { Self.write(host, to: &page) }
        if let shards = sources.shards() { Self.write(shards, to: &page) }
        page.single(
            "rookery_connections", .gauge, "Connections of clients that are open.", sources.connections())
        return page.bytes
    }

    private static func writeWorkers(_ workers: [(name: String, counts: WorkerCounts)], to page: inout Exposition) {
        page.family(
            "rookery_requests_total", .counter,
            "Dispatches that are over, by worker and outcome; _other is all workers but the busiest.")
        for (name, counts) in workers {
            for outcome in Outcome.allCases where counts.outcomes[outcome.index] > 0 || outcome == .ok {
                page.sample(
                    "rookery_requests_total", [("worker", name), ("outcome", outcome.rawValue)],
                    "\(counts.outcomes[outcome.index])")
            }
        }
        page.family("rookery_cpu_seconds_total", .counter, "CPU time of isolates, by worker.")
        for (name, counts) in workers {
            page.sample(
                "rookery_cpu_seconds_total", [("worker", name)], Exposition.seconds(counts.cpuMicroseconds))
        }
    }

    private static func write(_ totals: Totals, to page: inout Exposition) {
        page.histogram(
            "rookery_request_duration_seconds",
            "From a request to the end of everything that it began, by whether its isolate was there.",
            [([("start", "cold")], totals.cold), ([("start", "warm")], totals.warm)])
        page.histogram(
            "rookery_request_wait_seconds", "From a request to the worker's first instruction for it.",
            [([], totals.wait)])
        page.family("rookery_starts_total", .counter, "Dispatches by whether their isolate was there.")
        page.sample("rookery_starts_total", [("start", "cold")], "\(totals.cold.count)")
        page.sample("rookery_starts_total", [("start", "warm")], "\(totals.warm.count)")
        let counters = [
            ("rookery_websockets_closed_total", "WebSockets that were open and are closed.", totals.sockets),
            ("rookery_scheduled_runs_total", "Runs of scheduled handlers.", totals.scheduled),
            ("rookery_host_calls_total", "Calls of workers to the host.", totals.hostCalls),
            ("rookery_subrequests_total", "Requests that workers made.", totals.subrequests),
            ("rookery_egress_bytes_total", "Bytes that workers sent over the network.", totals.egressBytes),
            ("rookery_request_body_bytes_total", "Bytes of the bodies of requests.", totals.requestBytes),
            ("rookery_response_body_bytes_total", "Bytes of the bodies of responses.", totals.responseBytes),
            ("rookery_log_lines_total", "Console lines of workers.", totals.logLines),
        ]
        for (name, help, value) in counters { page.single(name, .counter, help, value) }
    }

    private static func write(_ host: HostStatus, to page: inout Exposition) {
        let gauges = [
            ("rookery_workers", "Workers in service.", host.workers),
            ("rookery_isolates", "Isolates there are.", host.isolates),
            ("rookery_websockets", "WebSockets that are open.", host.webSockets),
            ("rookery_requests_in_flight", "Dispatches under way.", host.inFlight),
            ("rookery_requests_queued", "Dispatches that wait for an isolate.", host.queued),
            ("rookery_threads", "Threads that run isolates.", host.threads),
            ("rookery_stuck_threads", "Those of them that are in a long turn, or lost.", host.stuckThreads),
            ("rookery_isolate_memory_bytes", "What all isolates hold.", host.heldBytes),
        ]
        for (name, help, value) in gauges { page.single(name, .gauge, help, value) }
    }

    private static func write(_ status: ShardsStatus, to page: inout Exposition) {
        page.family("rookery_shards", .gauge, "Shards by what their processes do.")
        for state in ShardStatus.State.allCases {
            page.sample(
                "rookery_shards", [("state", state.rawValue)], "\(status.shards.count { $0.state == state })")
        }
        page.family(
            "rookery_shard_restarts_total", .counter, "Processes that were started in the place of others, by why.")
        for reason in ShardsStatus.Restart.allCases {
            page.sample(
                "rookery_shard_restarts_total", [("reason", reason.rawValue)], "\(status.restarts[reason] ?? 0)")
        }
        typealias Family = (name: String, kind: Exposition.Kind, help: String, value: (ShardStatus) -> String)
        let families: [Family] = [
            ("requests_total", .counter, "Dispatches sent to a shard since its process began.", { "\($0.requests)" }),
            ("requests_in_flight", .gauge, "Dispatches and runs under way in a shard.", { "\($0.inFlight)" }),
            ("isolates", .gauge, "Isolates of a shard.", { "\($0.isolates)" }),
            ("isolate_memory_bytes", .gauge, "What the isolates of a shard hold.", { "\($0.heldBytes)" }),
            ("resident_memory_bytes", .gauge, "Resident memory of a shard's process.", { "\($0.residentBytes)" }),
            ("parked_threads", .gauge, "Threads that a shard has lost for ever.", { "\($0.parkedThreads)" }),
            (
                "cpu_seconds_total", .counter, "CPU time of a shard's process.",
                { Exposition.seconds($0.cpuMicroseconds) }
            ),
        ]
        // One that leaves has the name of the one that serves in its place.
        let serving = status.shards.filter { $0.state == .serving }
        for family in families {
            page.family("rookery_shard_" + family.name, family.kind, family.help)
            for shard in serving {
                page.sample("rookery_shard_" + family.name, [("shard", shard.name)], family.value(shard))
            }
        }
    }
}
