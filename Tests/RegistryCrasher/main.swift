// SPDX-License-Identifier: Apache-2.0
import Registry
import SystemPackage
import WorkerTypes

// RegistryCrasher FOLDER           changes workers until it is killed, and prints each change before and after
// RegistryCrasher --open FOLDER    opens the registry, and prints "open" or the kind of the error

/// One line, at once: `begin WORKER STATE` and `done WORKER STATE`.
func say(_ line: String) throws { try FileDescriptor.standardOutput.writeAll(Array("\(line)\n".utf8)) }

func open(_ path: String) throws(RegistryError) -> WorkerRegistry {
    var options = WorkerRegistry.Options()
    options.versionsKept = 4
    return try WorkerRegistry(DataFolder(path), options: options)
}

/// Changes one worker for ever. A state is the number of the version in service and a word that only this version has,
/// in a module and in a secret; or `gone`.
func change(_ name: String, _ registry: WorkerRegistry) async throws {
    let worker = try WorkerName(name)
    var last = 0
    var words: [Int: String] = [:]
    if let details = try? await registry.details(of: worker) {
        last = details.versions.first?.number ?? 0
        words[details.summary.service.number] = ""
    }
    while true {
        let choice = Int.random(in: 0..<10)
        if choice == 0, last > 0 {
            try say("begin \(name) gone")
            try await registry.delete(worker)
            try say("done \(name) gone")
            (last, words) = (0, [:])
        } else if choice < 3, let number = words.keys.filter({ $0 > last - 3 && words[$0] != "" }).randomElement() {
            let state = "\(number):\(words[number] ?? "")"
            try say("begin \(name) \(state)")
            _ = try await registry.rollback(worker, to: number)
            try say("done \(name) \(state)")
        } else {
            last += 1
            let word = String(UInt64.random(in: .min ... .max), radix: 36)
            words[last] = word
            try say("begin \(name) \(last):\(word)")
            let version = try await registry.deploy(
                WorkerManifest(
                    main: "index.js",
                    modules: [
                        "index.js": word, "shared.js": String(repeating: "shared ", count: 3000),
                        "large.js": String(repeating: word, count: Int.random(in: 0..<5000)),
                    ], bindings: ["S": .secret(SecretValue(word))],
                    crons: choice % 2 == 0 ? [try CronExpression("* * * * *")] : []),
                as: worker
            ) { _, _ in [] }
            try say("done \(name) \(version.number):\(word)")
        }
    }
}

let arguments = CommandLine.arguments
if arguments.count == 3, arguments[1] == "--open" {
    do {
        try open(arguments[2]).close()
        try say("open")
    } catch let error as RegistryError {
        try say(error.kind.rawValue)
    }
} else {
    let registry = try open(arguments[1])
    try say("ready")
    try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<8 { group.addTask { try await change("worker-\(index)", registry) } }
        group.addTask {
            while true {
                for run in try await registry.takeDueRuns().runs { try await registry.finish([(run, .ok)]) }
                try await registry.rotateKeys()
            }
        }
        try await group.waitForAll()
    }
}
