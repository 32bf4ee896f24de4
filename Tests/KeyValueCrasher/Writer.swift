// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import HostAPI
import KeyValueDatabase

/// A store and its file of answers in one folder.
struct Files {
    let folder: String
    var database: String { folder + "/values.db" }
    var answers: String { folder + "/answers" }

    var answersSize: Int {
        (try? FileManager.default.attributesOfItem(atPath: answers)[.size] as? Int) ?? 0
    }

    func open() throws -> DatabaseKeyValueStore {
        var options = DatabaseKeyValueStore.Options()
        options.sweepInterval = .milliseconds(20)
        options.checkpointBytes = 512 << 10
        return try DatabaseKeyValueStore(
            path: database, options: options, onFault: { fault in print("fault: \(fault)") })
    }

    func read() throws -> Answers {
        guard FileManager.default.fileExists(atPath: answers) else { return Answers("") }
        return Answers(String(decoding: try Data(contentsOf: URL(filePath: answers)), as: UTF8.self))
    }
}

/// Writes in many lanes at a time, each with keys of its own, until the process is killed.
struct Writer {
    let files: Files

    init(folder: String) { files = Files(folder: folder) }

    func run() async throws {
        let store = try files.open()
        let done = try files.read()
        let log = try AnswerLog(files.answers)
        await withTaskGroup { group in
            for lane in 0..<Plan.lanes {
                let keys = Plan.all.filter { $0 % Plan.lanes == lane }
                group.addTask { await Self.write(keys.map { ($0, done.last[$0].step) }, store, log) }
            }
        }
    }

    private static func write(
        _ start: [(key: Int, step: Int)], _ store: DatabaseKeyValueStore, _ log: AnswerLog
    ) async {
        var steps = start
        while true {
            for index in steps.indices {
                let key = steps[index].key
                let step = steps[index].step + 1
                do throws(HostError) {
                    var version = 0
                    if let value = Plan.value(key, after: step) {
                        version = try await store.set(.init(value), for: Plan.name(key), in: Plan.namespace(key))
                    } else {
                        try await store.delete(Plan.name(key), in: Plan.namespace(key))
                    }
                    log.add("\(key) \(step) \(version)\n")
                } catch {
                    print("step \(step) of \(key): \(error)")
                    exit(1)
                }
                steps[index].step = step
            }
            // Some fail in their groups, and some expire soon.
            _ = try? await store.set(.init([1]), for: "refused", in: "tight", quota: KeyValueQuota(keys: 0))
            _ = try? await store.set(
                .init([UInt8](repeating: 1, count: 500), expiration: WallClock.systemTime() + 50),
                for: "brief \(steps[0].key) \(steps[0].step)", in: "brief")
        }
    }
}

/// The file of answers, to which lines are added whole.
final class AnswerLog: Sendable {
    private let file: OpenFile

    init(_ path: String) throws { file = try OpenFile(path, O_WRONLY | O_CREAT | O_APPEND) }

    func add(_ line: String) {
        do {
            try file.writeAll(Array(line.utf8))
        } catch {
            print("the file of answers: \(error)")
            exit(1)
        }
    }
}
