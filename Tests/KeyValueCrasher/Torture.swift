// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import HostAPI
import KeyValueDatabase
import Subprocess
import SystemPackage

/// Looks at what is left of a store whose process was killed.
struct Checker {
    let files: Files

    init(folder: String) { files = Files(folder: folder) }

    /// Prints what is wrong and fails; otherwise returns how many steps were answered.
    @discardableResult func check() async throws -> Int {
        let answers = try files.read()
        let store = try files.open()
        var wrong = try await store.verify()
        var found = 0
        for key in Plan.all {
            let last = answers.last[key]
            let entry = try await store.get(Plan.name(key), in: Plan.namespace(key))
            if entry != nil { found += 1 }
            // The step after the last that was answered was perhaps done.
            if entry?.value.bytes == Plan.value(key, after: last.step) {
                if let entry, entry.version < last.version { wrong.append("\(key): an older version") }
            } else if entry?.value.bytes != Plan.value(key, after: last.step + 1) {
                let bytes = entry?.value.bytes ?? []
                wrong.append(
                    "\(key): neither step \(last.step) nor the next, but \(bytes.count) bytes: "
                        + HostError.quote(String(decoding: bytes.prefix(40), as: UTF8.self)))
            } else if let entry, entry.version <= last.version {
                wrong.append("\(key): a change without a new version")
            }
        }
        var listed = 0
        for number in 0..<Plan.namespaces { listed += try await store.list(in: "n\(number)").keys.count }
        if listed != found { wrong.append("\(found) keys are there, but \(listed) are listed") }
        await store.close()
        for finding in wrong { print(finding) }
        if !wrong.isEmpty { exit(1) }
        return answers.count
    }
}

/// Starts a writer, kills it at a random moment, looks, and begins again.
struct Torture {
    let folder: String

    func run(rounds: Int) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let files = Files(folder: folder)
        var answered = 0
        var logs = 0
        for round in 1...max(1, rounds) {
            // Now and then while it opens the file; mostly while it writes.
            let isEarly = round % 10 == 0
            let pause = Duration.milliseconds(Int.random(in: isEarly ? 0...30 : 0...400))
            let size = files.answersSize
            let result = try await Subprocess.run(
                .path("/proc/self/exe"), arguments: ["write", folder], input: .none,
                output: .currentStandardOutput, error: .currentStandardError
            ) { child in
                for _ in 0..<6000 where !isEarly && files.answersSize == size {
                    try await Task.sleep(for: .milliseconds(5))
                }
                try await Task.sleep(for: pause)
                try child.send(signal: .kill)
            }
            guard result.terminationStatus == .signaled(SIGKILL) else {
                print("round \(round): the writer ended by itself: \(result.terminationStatus)")
                exit(1)
            }
            let log = try? FileManager.default.attributesOfItem(atPath: files.database + "-wal")[.size] as? Int
            if let log, log > 0 { logs += 1 }
            // Every fourth is followed by another writer at once, which takes over what there is.
            if round % 4 == 0, round < rounds { continue }
            answered = try await Checker(folder: folder).check()
        }
        print("killed \(rounds) times, \(logs) times with a log left; \(answered) answered changes are as they were")
    }
}

/// Opens a file as a user without rights beyond those of the permissions.
enum Opening {
    static func print(_ file: String) throws {
        if getuid() == 0 { _ = setuid(65_534) }
        do throws(DatabaseStoreError) {
            _ = try DatabaseKeyValueStore(path: file)
            Swift.print("opened")
        } catch {
            Swift.print(error.kind.rawValue)
        }
    }
}
