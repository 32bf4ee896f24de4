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

/// A child process that runs a program, with one end of a socket as its descriptor 3, and nothing else of ours: no
/// other descriptors (all others are marked to be closed), no environment, a process group of its own, so that a terminal's Ctrl-C is not for it.
final class ChildProcess: Sendable {
    /// How a process ended.
    enum End: Sendable, Equatable, CustomStringConvertible {
        case exited(Int32)
        case signaled(Int32)

        var description: String {
            switch self {
            case .exited(let status): "exit status \(status)"
            case .signaled(let signal): "signal \(signal) (\(Self.name(of: signal)))"
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

    private init(_ id: pid_t) { self.id = id }

    /// Starts the program.
    /// - Parameters:
    ///   - program: what it runs.
    ///   - onEnd: hears of its end once, from a thread of its own.
    /// - Returns: the process, and our end of the socket.
    /// - Throws: `ChildProcessError`: the system refuses.
    static func start(
        _ program: ChildProgram, onEnd: @escaping @Sendable (End) -> Void
    ) throws(ChildProcessError) -> (process: ChildProcess, socket: CInt) {
        var ends: [CInt] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw ChildProcessError("a socket cannot be made", errno)
        }
        defer { close(ends[1]) }
        var id = pid_t()
        let error = spawn(program, ends[1], &id)
        guard error == 0 else {
            close(ends[0])
            throw ChildProcessError("\(program.path) cannot be started", error)
        }
        let process = ChildProcess(id)
        guard process.await(onEnd) else {
            process.signal(SIGKILL)
            close(ends[0])
            throw ChildProcessError("no thread can be had to wait for a process", EAGAIN)
        }
        return (process, ends[0])
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

    private func await(_ onEnd: @escaping @Sendable (End) -> Void) -> Bool {
        startDetachedThread(stackSize: 256 << 10) { [self] in
            var info = unsafe siginfo_t()
            // It stays a zombie, whose number is nobody else's, until signals are barred.
            while unsafe waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
            var status: CInt = 0
            isGone.withLock { isGone in
                isGone = true
                while unsafe waitpid(id, &status, 0) < 0, errno == EINTR {}
            }
            onEnd(status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .signaled(status & 0x7f))
        }
    }

    private static func spawn(_ program: ChildProgram, _ socket: CInt, _ id: inout pid_t) -> CInt {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, 2, 1)
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
