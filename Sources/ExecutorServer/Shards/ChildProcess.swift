// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Synchronization
internal import WorkerRuntime

/// A program that a child process runs.
package struct ChildProgram: Sendable {
    /// Its file.
    package var path: String
    /// What it is started with, besides its name.
    package var arguments: [String]

    /// A program.
    package init(path: String, arguments: [String]) {
        self.path = path
        self.arguments = arguments
    }

    /// This program.
    package static func this(_ arguments: [String]) -> ChildProgram {
        ChildProgram(path: "/proc/self/exe", arguments: arguments)
    }
}

/// A child process that runs a program, with one end of a socket as its descriptor 3, one of another for what it
/// writes, and nothing else of ours: no other descriptors (all others are marked to be closed), no environment, a
/// process group of its own, so that a terminal's Ctrl-C is not for it.
final class ChildProcess: Sendable {
    /// How a process ended.
    enum End: Sendable, Equatable, CustomStringConvertible {
        case exited(Int32)
        case signaled(Int32)
        /// The kernel ended it at the bound of its control group, of so many bytes.
        case outgrown(Int)

        var description: String {
            switch self {
            case .exited(let status): "exit status \(status)"
            case .signaled(let signal): "signal \(signal) (\(Self.name(of: signal)))"
            case .outgrown(let most): "the kernel, since it may have \(most >> 20) MiB of memory and took more"
            }
        }

        private static func name(of signal: Int32) -> String {
            guard let text = unsafe strsignal(signal) else { return "unknown" }
            return unsafe String(cString: text)
        }
    }

    let id: pid_t
    /// Signals go only to a process that was not waited for: its number may be another's afterwards.
    private let isGone = Mutex(false)
    private let output: ChildOutput

    private init(_ id: pid_t, _ output: ChildOutput) {
        self.id = id
        self.output = output
    }

    /// Starts the program.
    /// - Parameters:
    ///   - program: what it runs.
    ///   - onLine: hears of each line that it writes, within bounds.
    ///   - onEnd: hears of its end once, after all lines, from a thread of its own.
    /// - Returns: the process, and our end of the socket.
    /// - Throws: `ChildProcessError`: the system refuses.
    static func start(
        _ program: ChildProgram, onLine: @escaping @Sendable (String) -> Void,
        onEnd: @escaping @Sendable (End) -> Void
    ) throws(ChildProcessError) -> (process: ChildProcess, socket: CInt) {
        let (socket, theirs) = try socketPair()
        defer { close(theirs) }
        let output: (ours: CInt, theirs: CInt)
        do throws(ChildProcessError) {
            output = try socketPair()
        } catch {
            close(socket)
            throw error
        }
        defer { close(output.theirs) }
        shutdown(output.ours, Int32(SHUT_WR))
        var id = pid_t()
        let error = spawn(program, theirs, output.theirs, &id)
        guard error == 0 else {
            close(socket)
            close(output.ours)
            throw ChildProcessError("\(program.path) cannot be started", error)
        }
        let process = ChildProcess(id, ChildOutput(descriptor: output.ours, onLine: onLine))
        guard process.await(onEnd) else {
            process.signal(SIGKILL)
            process.reap()
            close(socket)
            close(output.ours)
            throw ChildProcessError("no thread can be had to wait for a process", EAGAIN)
        }
        return (process, socket)
    }

    private static func socketPair() throws(ChildProcessError) -> (ours: CInt, theirs: CInt) {
        var ends: [CInt] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw ChildProcessError("a socket cannot be made", errno)
        }
        return (ends[0], ends[1])
    }

    /// Sends a signal, if the process is still there.
    func signal(_ number: CInt) { isGone.withLock { if !$0 { kill(id, number) } } }

    /// Whether a signal has stopped it, so that it does nothing until another lets it go on.
    var isHalted: Bool {
        isGone.withLock { isGone in
            guard !isGone else { return false }
            var info = unsafe siginfo_t()
            let result = unsafe waitid(P_PID, id_t(id), &info, WSTOPPED | WNOHANG | WNOWAIT)
            // Where there is nothing to tell, the signal's number stays 0.
            return unsafe result == 0 && info.si_signo == SIGCHLD
        }
    }

    /// Does something with its number, if the process is still there, and its end is not told before.
    func whileThere<Failure: Error>(_ body: (pid_t) throws(Failure) -> Void) throws(Failure) {
        try isGone.withLock { isGone throws(Failure) in if !isGone { try body(id) } }
    }

    private func await(_ onEnd: @escaping @Sendable (End) -> Void) -> Bool {
        startDetachedThread(stackSize: 256 << 10) { [self] in
            output.readAll()
            let status = reap()
            onEnd(status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .signaled(status & 0x7f))
        }
    }

    /// Waits for its end.
    @discardableResult private func reap() -> CInt {
        var info = unsafe siginfo_t()
        // It stays a zombie, whose number is nobody else's, until signals are barred.
        while unsafe waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        var status: CInt = 0
        isGone.withLock { isGone in
            isGone = true
            while unsafe waitpid(id, &status, 0) < 0, errno == EINTR {}
        }
        return status
    }

    private static func spawn(
        _ program: ChildProgram, _ socket: CInt, _ output: CInt, _ id: inout pid_t
    ) -> CInt {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 2)
        // Also where it is 3 already: then it loses its mark to be closed.
        unsafe posix_spawn_file_actions_adddup2(&actions, socket, 3)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var texts = unsafe ([program.path] + program.arguments).map { unsafe strdup($0) } + [nil]
        defer { while let text = unsafe texts.popLast() { unsafe free(text) } }
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
        return unsafe posix_spawn(&id, program.path, &actions, &attributes, &texts, &environment)
    }
}

/// A process could not be started.
struct ChildProcessError: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, _ number: CInt) {
        let reason = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        description = "\(what): \(reason)"
    }
}
