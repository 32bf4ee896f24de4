// SPDX-License-Identifier: Apache-2.0

import ExecutorServer
import FoundationEssentials
import Synchronization
import Testing
import WorkerTypes

/// A record with the usual content.
func record(_ worker: String = "one", id: UInt64 = 1, _ change: (inout RequestRecord) -> Void = { _ in })
    -> RequestRecord
{
    var record = RequestRecord(id: id, worker: worker, version: 3)
    record.time = 1_700_000_000_000.25
    record.method = "GET"
    record.url = "http://one.localhost/a"
    record.status = 200
    record.waitMicroseconds = 40
    record.usage = Usage(cpuMicroseconds: 1500, wallMicroseconds: 2000, subrequests: 2, egressBytes: 10, hostCalls: 5)
    change(&record)
    return record
}

/// A line of a worker.
func line(_ message: String, worker: String = "one") -> WorkerLogLine {
    WorkerLogLine(id: 1, worker: worker, version: 3, level: "log", message: message, time: 1_700_000_000_000)
}

@Suite("Logs of workers", .timeLimit(.minutes(1)))
struct LogTests {
    /// The data of the events of a type.
    private func data(_ text: String, _ type: String) -> [String] {
        text.split(separator: "event: \(type)\ndata: ").dropFirst().map { String($0.prefix { $0 != "\n" }) }
    }

    @Test("Console lines and records arrive as server-sent events, as they are, of this worker only")
    func live() async throws {
        try await AdminServer.serve { server in
            _ = try await server.client.request("PUT", "/v1/workers/one", manifest())
            let client = try await server.client.open("GET", "/v1/workers/one/logs")
            let head = await client.until(": one\n\n")
            #expect(head.statuses == [200] && head.contains("content-type: text/event-stream"))
            let said = line("a \"b\"\n\u{1}\r\té\u{2028}")
            let ended = record { record in
                record.error = "TypeError: x"
                record.stack = "at a.js:1:2"
                record.trace = "4bf92f3577b34da6a3ce929d0e0e4736"
            }
            server.logs.observe(line("other", worker: "two"))
            server.logs.observe(said)
            server.logs.observe(ended)
            let text = await client.until("event: record\ndata: {\"id\":1,")
            let full = text.contains("0e0e4736") ? text : await client.until("at a.js:1:2")
            #expect(!full.contains("other"))
            let lineText = try #require(data(full, "line").first)
            #expect(try JSONDecoder().decode(WorkerLogLine.self, from: Data(lineText.utf8)) == said)
            let recordText = try #require(data(full, "record").first)
            #expect(try JSONDecoder().decode(RequestRecord.self, from: Data(recordText.utf8)) == ended)
            try await client.close()
        }
    }

    @Test("Who begins to watch gets as many of the last events as they ask for", arguments: [(0, 0), (2, 2), (9, 5)])
    func tail(asked: Int, given: Int) async throws {
        var logs = WorkerLogs.Options()
        logs.recentEvents = 5
        try await AdminServer.serve(logs: logs) { server in
            _ = try await server.client.request("PUT", "/v1/workers/one", manifest())
            for number in 0..<12 { server.logs.observe(line("line \(number).")) }
            let client = try await server.client.open("GET", "/v1/workers/one/logs?tail=\(asked)")
            _ = await client.until(": one\n\n")
            server.logs.observe(line("last."))
            let text = await client.until("last.")
            let shown = (0..<12).filter { text.contains("line \($0).") }
            #expect(shown == Array(12 - given..<12))
            try await client.close()
        }
    }

    @Test("What is kept has bounds in bytes: one worker's own, and all workers'")
    func bounds() async throws {
        var logs = WorkerLogs.Options()
        logs.recentBytes = 10_000
        logs.mostBytes = 16 * 30_000
        try await AdminServer.serve(logs: logs) { server in
            let long = String(repeating: "x", count: 2000)
            for worker in ["one", "two"] {
                _ = try await server.client.request("PUT", "/v1/workers/\(worker)", manifest())
            }
            for number in 0..<50 { server.logs.observe(line("\(number) \(long)")) }
            // Larger than all that may be kept of a worker.
            server.logs.observe(line(String(repeating: "y", count: 20_000)))
            let client = try await server.client.open("GET", "/v1/workers/one/logs?tail=100")
            _ = await client.until(": one\n\n")
            server.logs.observe(line("end of one"))
            let text = await client.until("end of one")
            #expect(data(text, "line").count == 5 && text.contains("49 xxx") && !text.contains("yyy"))
            try await client.close()
            // Many others push out those that were quiet.
            for number in 0..<1000 { server.logs.observe(line(long, worker: "w\(number)")) }
            let later = try await server.client.open("GET", "/v1/workers/one/logs?tail=100")
            _ = await later.until(": one\n\n")
            server.logs.observe(line("end of two"))
            #expect(data(await later.until("end of two"), "line").count == 1)
            try await later.close()
        }
    }

    @Test("Who does not keep up loses events and is told how many; nobody waits for them")
    func slow() async throws {
        var logs = WorkerLogs.Options()
        logs.waitingEvents = 10
        logs.recentEvents = 1000
        try await AdminServer.serve(logs: logs) { server in
            _ = try await server.client.request("PUT", "/v1/workers/one", manifest())
            for number in 0..<500 { server.logs.observe(line("line \(number).")) }
            // All of these come at once, before the stream can take any.
            let client = try await server.client.open("GET", "/v1/workers/one/logs?tail=500")
            let text = await client.until("event: dropped")
            let full = await client.until("\"count\":490}")
            #expect(data(full, "line").count == 10 && full.contains("line 0.") && !full.contains("line 10."))
            #expect(text.contains("event: dropped"))
            server.logs.observe(line("afterwards"))
            #expect(await client.until("afterwards").contains("afterwards"))
            try await client.close()
        }
    }

    @Test("A log without news says that it is there")
    func keepAlive() async throws {
        var options = AdminOptions()
        options.keepAlive = .milliseconds(5)
        try await AdminServer.serve(options: options) { server in
            _ = try await server.client.request("PUT", "/v1/workers/one", manifest())
            let client = try await server.client.open("GET", "/v1/workers/one/logs")
            #expect(await client.until(":\n\n", times: 3).contains(":\n\n"))
            try await client.close()
        }
    }

    @Test("A watched log ends when the worker is deleted, and when the server ends")
    func ends() async throws {
        try await AdminServer.serve { server in
            for worker in ["one", "two"] {
                _ = try await server.client.request("PUT", "/v1/workers/\(worker)", manifest())
            }
            let one = try await server.client.open("GET", "/v1/workers/one/logs", headers: ["Connection: close"])
            let two = try await server.client.open("GET", "/v1/workers/two/logs", headers: ["Connection: close"])
            _ = await one.until(": one\n\n")
            _ = await two.until(": two\n\n")
            _ = try await server.client.request("DELETE", "/v1/workers/one")
            #expect(await one.untilEnd().hasSuffix("0\r\n\r\n"))
            server.api.readiness = .draining
            #expect(await two.untilEnd().hasSuffix("0\r\n\r\n"))
            #expect(try await server.client.request("GET", "/v1/workers/two/logs").status == 503)
        }
    }

    @Test("So many may watch at once; who leaves makes room")
    func subscribers() async throws {
        var logs = WorkerLogs.Options()
        logs.mostSubscribers = 1
        try await AdminServer.serve(logs: logs) { server in
            _ = try await server.client.request("PUT", "/v1/workers/one", manifest())
            let first = try await server.client.open("GET", "/v1/workers/one/logs")
            _ = await first.until(": one\n\n")
            let refused = try await server.client.request("GET", "/v1/workers/one/logs")
            #expect(refused.status == 503 && refused.headers["retry-after"] != nil)
            try await first.close()
            var second: RawClient
            repeat {
                second = try await server.client.open("GET", "/v1/workers/one/logs")
            } while await second.until("\r\n\r\n").statuses != [200]
            try await second.close()
        }
    }
}

@Suite("The log of records", .timeLimit(.minutes(1)))
struct RecordLogTests {
    private final class Written: Sendable {
        let text = Mutex("")
        func add(_ bytes: [UInt8]) { text.withLock { $0 += String(decoding: bytes, as: UTF8.self) } }
        var lines: [Substring] { text.withLock { $0.split(separator: "\n") } }
    }

    @Test("Each record is a line of JSON; console lines are logged where that is wanted")
    func lines() throws {
        struct Line: Decodable { let type: String }
        let written = Written()
        var options = RecordLog.Options()
        options.includesConsole = true
        let log = try RecordLog(.function { written.add($0) }, options: options)
        log.observe(record())
        log.observe(line("x\ny"))
        log.close()
        #expect(written.lines.count == 2)
        let first = try JSONDecoder().decode(RequestRecord.self, from: Data(written.lines[0].utf8))
        #expect(first == record())
        #expect(
            try written.lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)).type } == [
                "record", "line",
            ])
        log.observe(record())
        log.close()
        #expect(written.lines.count == 2)
    }

    @Test("Only what went wrong is logged where that is wanted")
    func failures() throws {
        let written = Written()
        var options = RecordLog.Options()
        options.includesSuccesses = false
        let log = try RecordLog(.function { written.add($0) }, options: options)
        log.observe(record())
        log.observe(line("x"))
        log.observe(record { $0.outcome = .exceededCPU })
        log.close()
        #expect(written.lines.count == 1 && written.lines[0].contains("\"outcome\":\"exceededCPU\""))
    }

    @Test("What does not fit is dropped and counted")
    func dropped() throws {
        let written = Written()
        var options = RecordLog.Options()
        options.mostBytes = 2000
        options.delay = .seconds(3600)
        let log = try RecordLog(.function { written.add($0) }, options: options)
        for _ in 0..<100 { log.observe(record()) }
        log.close()
        let kept = written.lines.count - 1
        #expect((1...5).contains(kept))
        #expect(written.lines.last == "{\"type\":\"dropped\",\"count\":\(100 - kept)}")
    }

    @Test("A file is appended to, and opened again after it was moved")
    func file() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rookery-log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "records.json").path(percentEncoded: false)
        func count(_ path: String) -> Int {
            FileManager.default.contents(atPath: path)?.split(separator: UInt8(ascii: "\n")).count ?? 0
        }
        for _ in 0..<2 {
            let log = try RecordLog(.file(path))
            log.observe(record())
            log.close()
        }
        #expect(count(path) == 2)
        let log = try RecordLog(.file(path))
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        try log.reopen()
        log.observe(record())
        log.close()
        #expect(count(path) == 1 && count(path + ".1") == 2)
        #expect(throws: RecordLogError.self) { try RecordLog(.file(path + "/x")) }
    }
}
