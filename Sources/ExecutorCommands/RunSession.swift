// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Isolates
internal import Synchronization
internal import WorkerRuntime
internal import WorkerTypes

/// One `rookery run`: from options to a program, from its record to the exit status.
struct RunSession {
    private let program: Program
    private let loader: FileModuleLoader
    private let engineFlags: [String]
    private let printsJSON: Bool
    private let isSeeded: Bool
    private let cache: CacheFolder
    private let response: ResponsePrinter

    init(_ options: Run) throws {
        cache = CacheFolder()
        let files = try ProgramFiles(options)
        loader = files.loader(cache: cache)
        var program = Program(entry: files.entry)
        program.preloads = files.preloads
        program.limits = try Self.limits(options)
        program.arguments = options.arguments
        let grants = try ProgramGrants(options.grants, env: options.env)
        program.environment = grants.variables
        program.bindings = grants.bindings
        program.hostLimits = grants.limits
        program.request = try options.request.parsed()
        response = ResponsePrinter(keeps: options.json, showsHead: options.request.includesHead)
        program.freezesClock = options.freezeClock
        printsJSON = options.json
        var flags: [String] = []
        isSeeded = !options.seed.isEmpty
        if let seed = try Numbers.single(options.seed, "--seed") {
            // V8 takes 0 for "no seed"; its seeds are 32 bits.
            let number = try Numbers.whole(seed, "--seed", least: 0)
            flags.append("--random-seed=\(number % Int(Int32.max) + 1)")
            program.seed = UInt64(number)
        }
        self.program = program
        if options.jitless { flags += ShardCommand.jitlessFlags }
        engineFlags = flags
    }

    private static func limits(_ run: Run) throws -> Limits {
        var limits = Limits.standard
        limits.codeGeneration = run.language.allowEval
        limits.webAssembly = !run.language.noWasm
        let options = run.limits
        if let text = try Numbers.single(options.heapLimit, "--heap-limit") {
            let least = Limits.leastMemory >> 20
            limits.memory = try Numbers.whole(text, "--heap-limit (MiB)", least: least) << 20
            do {
                try limits.check()
            } catch {
                throw CommandEnded(.wrongUsage, "--heap-limit: \(error)")
            }
        }
        if let text = try Numbers.single(options.cpuLimit, "--cpu-limit") {
            let milliseconds = try Numbers.whole(text, "--cpu-limit (ms)", least: 0)
            limits.cpu = milliseconds == 0 ? nil : .milliseconds(milliseconds)
        }
        if let text = try Numbers.single(options.wallLimit, "--wall-limit") {
            let milliseconds = try Numbers.whole(text, "--wall-limit (ms)", least: 0)
            limits.wall = milliseconds == 0 ? nil : .milliseconds(milliseconds)
        }
        return limits
    }

    /// Runs to the end, prints what is to be printed, and throws unless the program finished.
    func run() throws {
        let interrupts = Interrupts()
        let outcome: (RunRecord, [ConsoleLine])
        do {
            outcome = try execute(interrupts)
        } catch let error as EngineError {
            throw CommandEnded(.ourFault, error.description)
        } catch let error as AdmissionError {
            throw CommandEnded(.ourFault, error.description)
        }
        let (record, lines) = outcome
        if printsJSON {
            StandardOutput.write(RunReport.json(record, lines: lines, response: response.kept) + "\n")
        } else if let text = RunReport.uncaught(record) {
            StandardError.write(text + "\n")
        }
        switch StandardOutput.failed {
        case nil: break
        case EPIPE: throw CommandEnded(.outputClosed, "standard output was closed by its reader; the run was ended")
        case let number?:
            throw CommandEnded(.uncaught, "standard output: \(OperatorFile.systemMessage(number)); the run was ended")
        }
        if let signal = interrupts.signal {
            throw CommandEnded(signal == SIGTERM ? .ended : .interrupted, "interrupted")
        }
        switch record.outcome {
        case .ok: return
        case .exception: throw CommandEnded(.uncaught)
        case .exceededCPU:
            throw CommandEnded(.cpuLimit, "CPU limit of \(program.limits.cpu?.wholeMilliseconds ?? 0) ms exceeded")
        case .exceededWallTime:
            throw CommandEnded(.wallLimit, "wall limit of \(program.limits.wall?.wholeMilliseconds ?? 0) ms exceeded")
        case .exceededMemory:
            throw CommandEnded(.memoryLimit, "memory limit of \(program.limits.memory >> 20) MiB exceeded")
        case .internalError: throw CommandEnded(.ourFault, record.exception?.message)
        }
    }

    /// V8 gave up before the limit could end the script in order: the process ends, its status says why.
    private var lastWords: @Sendable (Engine.FatalError) -> Void {
        { [limit = program.limits.memory >> 20] error in
            guard error.isOutOfMemory else { return }
            StandardError.write("rookery: memory limit of \(limit) MiB exceeded\n")
            _exit(ExitStatus.memoryLimit.rawValue)
        }
    }

    private func execute(_ interrupts: Interrupts) throws -> (RunRecord, [ConsoleLine]) {
        let engine = try Engine(.init(flags: engineFlags, reportsCrashes: true, onFatal: lastWords))
        try engine.use(BaseSnapshot.load(engine, from: cache.store, flags: engineFlags))
        let thread = try IsolateThread()
        // A seed is a flag to V8, which takes no code of other flags: it would be kept for nothing.
        let caches = isSeeded ? nil : CodeCaches(engine, disk: cache.store)
        let host = IsolateHost(engine)
        let finished = Gate<Result<(RunRecord, [ConsoleLine]), any Error>>()
        thread.loop.post { [program, loader, printsJSON, response] in
            let lines = ConsoleLines(keeps: printsJSON) { interrupts.end() }
            let run = ScriptRun(
                program, on: thread, loader: loader, caches: caches, onLine: { lines.take($0) },
                onResponse: { head in
                    response.begin(head)
                    return response
                },
                completion: { finished.open(.success(($0, lines.kept))) })
            do {
                interrupts.watch(try run.start(host))
            } catch {
                finished.open(.failure(error))
            }
        }
        return try finished.wait().get()
    }
}

/// Where console lines go: to the standard streams at once, or into the report.
private final class ConsoleLines: Sendable {
    private let report = Mutex(ConsoleReport())
    private let keeps: Bool
    private let onClosedOutput: @Sendable () -> Void

    var kept: [ConsoleLine] { report.withLock { $0.lines } }

    init(keeps: Bool, onClosedOutput: @escaping @Sendable () -> Void) {
        self.keeps = keeps
        self.onClosedOutput = onClosedOutput
    }

    func take(_ line: ConsoleLine) {
        if keeps { return report.withLock { $0.keep(line) } }
        switch line.level {
        case "warn", "error": StandardError.write(line.message + "\n")
        default:
            StandardOutput.write(line.message + "\n")
            if StandardOutput.failed != nil { onClosedOutput() }
        }
    }
}

extension Duration {
    /// Milliseconds without their fraction.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
