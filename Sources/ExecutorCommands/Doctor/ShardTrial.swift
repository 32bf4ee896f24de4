// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc
internal import Isolates
internal import ShardSandbox
internal import Synchronization
internal import WorkerRuntime
internal import WorkerTypes

/// What `rookery doctor` has a child do: to start V8 as a shard does, in its sandbox, and to run what isolates run there.
///
/// It prints lines of JSON: the sandbox's report, then the result of each program as it ends.
struct ShardTrial: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shard-trial", abstract: "Runs programs in the sandbox of a shard.", shouldDisplay: false)

    @Flag(help: "No machine code is generated.") var jitless = false
    @Flag(help: "Enter the sandbox, and run nothing.") var onlyLayers = false

    /// A line of what it prints.
    struct Line: Codable, Sendable {
        var sandbox: SandboxReport?
        var program: String?
        /// Why the program did not do what it should; `nil`: it did.
        var fault: String?
    }

    /// Longer than all programs together take on a slow machine.
    private static let mostSeconds: UInt32 = 120

    func run() throws {
        // Where something waits for ever, the parent sees this signal.
        alarm(Self.mostSeconds)
        // What is read from files, before there are none.
        _ = Engine.load
        let admission = Admission.ofMachine
        var options = SandboxOptions()
        options.jitless = jitless
        let sandbox = Sandbox.enter(options)
        if onlyLayers { return Self.print(Line(sandbox: sandbox.seal())) }
        let flags = jitless ? ShardCommand.jitlessFlags : []
        let engine = try Engine(.init(flags: flags, reportsCrashes: true))
        try engine.use(BaseSnapshot.load(engine, from: nil, flags: flags))
        let trial = TrialRuns(IsolateHost(engine, admission: admission))
        let programs = TrialProgram.all.filter { !jitless || !$0.needsMachineCode }
        // Something has run before the filter comes, as in a shard.
        if let first = programs.first { _ = trial.run(first) }
        Self.print(Line(sandbox: sandbox.seal()))
        for program in programs {
            Self.print(Line(program: program.name, fault: trial.run(program)))
        }
    }

    private static func print(_ line: Line) {
        guard let text = try? JSONEncoder().encode(line) else { return }
        StandardOutput.write(Array(text) + [0x0a])
    }
}

/// A program of a trial, and what must become of it.
struct TrialProgram: Sendable {
    let name: String
    let source: String
    var limits = Limits(memory: 256 << 20, cpu: .seconds(60), wall: .seconds(60), webAssembly: true)
    var outcome = Outcome.ok
    var needsMachineCode = false
    /// So many at a time, each on a thread of its own, which ends.
    var threads = 1

    static let all: [TrialProgram] = [
        TrialProgram(
            name: "compiled JavaScript",
            source: """
                const step = (x) => (x * 1664525 + 1013904223) % 4294967296;
                let x = 1;
                for (let i = 0; i < 3e6; i++) x = step(x);
                if (!(x >= 0 && x < 4294967296)) throw new Error(`${x}`);
                """),
        TrialProgram(
            name: "garbage collection",
            source: """
                let kept = [];
                for (let i = 0; i < 400; i++) {
                  kept.push(Array.from({ length: 5000 }, (_, at) => ({ at, text: `${i}-${at}` })));
                  if (kept.length > 20) kept = kept.slice(10);
                }
                """),
        TrialProgram(
            name: "large memory",
            source: """
                for (let i = 0; i < 8; i++) {
                  const bytes = new Uint8Array(150 << 20);
                  for (let at = 0; at < bytes.length; at += 4096) bytes[at] = i;
                }
                if ('ab'.repeat(1 << 24).length !== 1 << 25) throw new Error('string');
                """, limits: Limits(memory: 2 << 30, cpu: .seconds(60), wall: .seconds(60))),
        TrialProgram(
            name: "WebAssembly",
            source: """
                const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0,
                  5, 3, 1, 0, 1, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11]);
                const { instance } = await WebAssembly.instantiate(bytes);
                let sum = 0;
                for (let i = 0; i < 2e6; i++) sum = instance.exports.add(sum, 1);
                if (sum !== 2e6) throw new Error(`${sum}`);
                new WebAssembly.Memory({ initial: 1, maximum: 100 }).grow(50);
                """, needsMachineCode: true),
        TrialProgram(
            name: "languages and time zones",
            source: """
                const shown = new Intl.DateTimeFormat('de-DE',
                  { timeZone: 'Asia/Kathmandu', dateStyle: 'full', timeStyle: 'long' }).format(0);
                if (!shown.startsWith('Donnerstag, 1. Januar 1970')) throw new Error(shown);
                if (!shown.includes('05:30')) throw new Error(shown);
                if (['z', 'ä', 'a'].sort(new Intl.Collator('sv').compare).join('') !== 'azä') throw new Error('sv');
                if (new Intl.NumberFormat('ar-EG').format(12).length !== 2) throw new Error('ar');
                [...new Intl.Segmenter('th', { granularity: 'word' }).segment('สวัสดีชาวโลก')];
                new Date(2026, 6, 1).toString();
                """),
        TrialProgram(
            name: "cryptography",
            source: """
                const key = await crypto.subtle.importKey('raw', new Uint8Array(16), 'PBKDF2', false, ['deriveBits']);
                await crypto.subtle.deriveBits(
                  { name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(16), iterations: 100000 }, key, 256);
                const pair = await crypto.subtle.generateKey(
                  { name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
                const data = crypto.getRandomValues(new Uint8Array(1000));
                const how = { name: 'ECDSA', hash: 'SHA-256' };
                const signature = await crypto.subtle.sign(how, pair.privateKey, data);
                if (!await crypto.subtle.verify(how, pair.publicKey, signature, data)) throw new Error('signature');
                await crypto.subtle.digest('SHA-512', new Uint8Array(8 << 20));
                """),
        TrialProgram(
            name: "timers", source: "for (let i = 0; i < 5; i++) await new Promise((done) => setTimeout(done, 4));"),
        TrialProgram(
            name: "threads that start and end", source: "await new Promise((done) => setTimeout(done, 5));", threads: 12
        ),
        TrialProgram(
            name: "a memory limit", source: "const kept = []; for (;;) kept.push(new Array(1000).fill(0.5));",
            limits: Limits(memory: 32 << 20, cpu: .seconds(60), wall: .seconds(60)), outcome: .exceededMemory),
        TrialProgram(
            name: "a CPU limit", source: "for (;;);",
            limits: Limits(memory: 64 << 20, cpu: .milliseconds(50), wall: .seconds(60)), outcome: .exceededCPU),
        TrialProgram(
            name: "a thread that is lost",
            source: "const all = []; all.length = 2 ** 32 - 1; all[0] = 1; all.reverse();",
            limits: Limits(memory: 64 << 20, cpu: .milliseconds(50), wall: .seconds(60)), outcome: .exceededCPU),
    ]
}

/// Runs programs, each on threads of its own.
private struct TrialRuns {
    private let host: IsolateHost

    init(_ host: IsolateHost) { self.host = host }

    /// Why it did not do what it should.
    func run(_ program: TrialProgram) -> String? {
        let finished = Gate<Void>()
        let faults = TrialFaults(program.threads, finished)
        for _ in 0..<program.threads {
            do {
                try start(program, faults)
            } catch {
                faults.end("\(error)")
            }
        }
        finished.wait()
        return faults.first
    }

    private func start(_ trial: TrialProgram, _ faults: TrialFaults) throws {
        let thread = try IsolateThread()
        let modules = WorkerModules(main: "trial.mjs", modules: ["trial.mjs": trial.source])
        let loader = DeployedModules("trial", modules) { _ in nil }
        var program = Program(entry: loader.main)
        program.limits = trial.limits
        thread.loop.post { [host, program] in
            let run = ScriptRun(
                program, on: thread, loader: loader, caches: nil, onLine: { _ in },
                completion: { record in
                    thread.stop()
                    faults.end(
                        record.outcome == trial.outcome
                            ? nil : "\(record.outcome.rawValue) \(record.exception?.message ?? "")")
                })
            do {
                _ = try run.start(host)
            } catch {
                thread.stop()
                faults.end("\(error)")
            }
        }
    }
}

/// What went wrong on the threads of one program, and when the last has ended.
private final class TrialFaults: Sendable {
    private let state: Mutex<(left: Int, fault: String?)>
    private let finished: Gate<Void>

    init(_ count: Int, _ finished: Gate<Void>) {
        state = Mutex((count, nil))
        self.finished = finished
    }

    var first: String? { state.withLock { $0.fault } }

    func end(_ fault: String?) {
        let isLast = state.withLock { state in
            state.left -= 1
            state.fault = state.fault ?? fault
            return state.left == 0
        }
        if isLast { finished.open(()) }
    }
}
