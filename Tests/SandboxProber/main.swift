// SPDX-License-Identifier: Apache-2.0
// Starts V8 in the sandbox of a shard and does things there, which its caller sees by what it prints and how it ends.
//
// SandboxProber [enter|none|late] [jitless] NAME…: attacks of CSandboxAttacks, one after the other, and
//   report       prints the report, as JSON
//   environment  prints what is left of the environment and of a variable's text
//   pool         keeps Swift's own threads busy for three seconds
//   link         sends bytes through sockets that it had before, by SwiftNIO
//   run=FILE     runs a module: 64 MiB, one second of CPU, two of time
//   crash        writes to address zero, on a thread that V8 runs on
//   abort        ends by abort()
// SandboxProber without=landlock|seccomp PROGRAM ARGUMENT…: the program, on a machine that has not this.
// `enter` leaves the filter of system calls away, `none` the whole sandbox; `late` starts a thread first.
import CSandboxAttacks
import Dispatch
import FoundationEssentials
import Glibc
import Isolates
import ShardSandbox
import WorkerRuntime
import WorkerTypes

enum Way: String { case enter, none, late, sealed }

var words = Array(CommandLine.arguments.dropFirst())
if let word = words.first, word.hasPrefix("without=") {
    let error = unsafe attack_run_without(String(word.dropFirst(8)), CommandLine.unsafeArgv + 2)
    say("\(word) refused \(error)")
    exit(1)
}
let way = words.first.flatMap { Way(rawValue: $0) } ?? .sealed
if way != .sealed { words.removeFirst() }
var options = SandboxOptions()
if words.first == "jitless" {
    options.jitless = true
    words.removeFirst()
}
let needsStream = !Set(words).isDisjoint(with: ["connect", "bind"])
options.descriptors = [attack_make_socket(needsStream ? 1 : 0), attack_make_file()]
let link = words.contains("link") ? try Link() : nil
if let link { options.descriptors += link.descriptors }
var sources: [String: [UInt8]] = [:]
for word in words where word.hasPrefix("run=") {
    sources[word] = try Array(String(contentsOfFile: String(word.dropFirst(4)), encoding: .utf8).utf8)
}
let secret = unsafe getenv("ROOKERY_PROBE_SECRET")
// Higher than any that comes later.
let forgotten = fcntl(0, F_DUPFD, 700)

// Where something waits for ever, the caller sees this signal.
alarm(60)
if way == .late { Thread.keepOne() }
_ = Engine.load
let sandbox = way == .none ? nil : Sandbox.enter(options)
let (host, thread) = try startV8(flags: options.jitless ? ["--jitless", "--no-expose-wasm"] : [])
let report = way == .enter ? sandbox?.entered : sandbox?.seal()

for word in words {
    switch word {
    case "report":
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        say(String(decoding: try encoder.encode(report), as: UTF8.self))
    case "environment":
        let first = unsafe environ[0] == nil
        let text = unsafe secret.map { unsafe $0.pointee } ?? 0
        say("\(first ? "empty" : "full") \(text)")
        say(fcntl(forgotten, F_GETFD) < 0 ? "closed" : "open")
    case "pool":
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            await keepPoolBusy()
            done.signal()
        }
        done.wait()
        say("pool worked")
    case "link":
        say(try link?.send("through") == "through" ? "link worked" : "link failed")
    case "crash":
        thread.loop.post { attack_crash() }
        DispatchSemaphore(value: 0).wait()
    case "abort": abort()
    case let word where sources[word] != nil:
        let limits = Limits(
            memory: 64 << 20, cpu: .seconds(1), wall: .seconds(2), codeGeneration: true, webAssembly: true)
        say("\(try run(sources[word] ?? [], limits: limits, host, thread))")
    default:
        let error = unsafe attack_run(word)
        say("\(word) " + (error == 0 ? "worked" : error < 0 ? "unknown" : "refused \(error)"))
    }
}
exit(0)
