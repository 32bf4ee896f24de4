// SPDX-License-Identifier: Apache-2.0
internal import CSandbox
internal import Glibc

/// The sandbox of a process that runs isolates and does nothing else.
///
/// It is entered in two steps. `enter` comes first in `main`: what it asks for belongs to a thread, and every later
/// thread has it. From then on no file can be opened, and files, descriptors and variables that are needed were read
/// before. `seal` comes when V8 and all that reads clocks, locales and tables has been used once: from then on the process
/// makes the system calls of isolates only.
///
///     let sandbox = Sandbox.enter(options)
///     let engine = try WorkerEngine(cacheFolder: nil)
///     try sandbox.seal().require()
public struct Sandbox: Sendable {
    private let options: SandboxOptions
    private var report = SandboxReport()

    /// What became of the layers so far.
    public var entered: SandboxReport { report }

    /// Takes from the process what V8 starts without. While it has one thread: with more, the layers that belong to a
    /// thread fail, and say so.
    public static func enter(_ options: SandboxOptions = .init()) -> Sandbox {
        var sandbox = Sandbox(options: options)
        sandbox.enter()
        return sandbox
    }

    private init(options: SandboxOptions) { self.options = options }

    private mutating func enter() {
        let threads = sandbox_thread_count()
        let crowd: SandboxLayerState? =
            threads == 1
            ? nil
            : .failed("the process has \(threads) threads already: the sandbox is entered before a second one starts")
        sandbox_forget_crash_handlers()
        report.note(.descriptors, Self.state(closeDescriptors()))
        report.note(.environment, clearEnvironment())
        // Before capabilities go, which some of it takes.
        let hasPriority = sandbox_allow_priority() == 0
        report.note(.userNamespace, crowd ?? leaveUsers())
        report.note(.networkNamespace, crowd ?? leaveNetwork())
        report.note(.resourceLimits, limitResources())
        report.note(.capabilities, crowd ?? dropCapabilities(hasPriority))
        report.note(.noNewPrivileges, crowd ?? Self.state(sandbox_refuse_privileges()))
        report.note(.landlock, crowd ?? refusePaths())
        // Last: becoming another user undoes it.
        report.note(.notDumpable, Self.state(sandbox_refuse_inspection()))
    }

    /// Puts in the filter of system calls, on all threads, and looks whether it holds. Once, when V8 has started.
    public consuming func seal() -> SandboxReport {
        let error = sandbox_filter_calls(options.jitless)
        var report = report
        if error != 0 {
            report.note(.seccomp, Self.state(error))
        } else if sandbox_is_closed() {
            report.note(.seccomp, .applied(options.jitless ? "no memory becomes executable" : "with machine code"))
        } else {
            report.note(.seccomp, .failed("files or sockets can be opened in spite of it"))
        }
        return report
    }

    // MARK: Layers

    private func closeDescriptors() -> Int32 {
        let kept = options.descriptors.sorted()
        return unsafe sandbox_close_descriptors(kept, kept.count)
    }

    private func clearEnvironment() -> SandboxLayerState {
        let count = sandbox_clear_environment()
        return .applied(count == 0 ? "" : "\(count) variables were overwritten")
    }

    private func leaveUsers() -> SandboxLayerState {
        let error = sandbox_leave_users()
        return error == ENOSPC ? .unavailable("user.max_user_namespaces allows no more of them") : Self.state(error)
    }

    /// In a user namespace of its own, or with the capability that this takes outside.
    private func leaveNetwork() -> SandboxLayerState { Self.state(sandbox_leave_network()) }

    private func limitResources() -> SandboxLayerState {
        sandbox_ignore_file_size_signal()
        var limits: [(String, Int32, UInt64)] = [
            ("RLIMIT_CORE", Int32(RLIMIT_CORE.rawValue), 0), ("RLIMIT_FSIZE", Int32(RLIMIT_FSIZE.rawValue), 0),
            ("RLIMIT_NOFILE", Int32(RLIMIT_NOFILE.rawValue), UInt64(max(options.mostDescriptors, 64))),
            ("RLIMIT_MEMLOCK", Int32(__RLIMIT_MEMLOCK.rawValue), 0),
            ("RLIMIT_MSGQUEUE", Int32(__RLIMIT_MSGQUEUE.rawValue), 0),
        ]
        if let most = options.mostAddressSpace {
            limits.append(("RLIMIT_AS", Int32(RLIMIT_AS.rawValue), UInt64(max(most, 0))))
        }
        if let most = options.mostThreads, report[.userNamespace]?.holds == true {
            limits.append(("RLIMIT_NPROC", Int32(__RLIMIT_NPROC.rawValue), UInt64(max(most, 1))))
        }
        for (name, resource, most) in limits {
            let error = sandbox_limit(resource, most)
            if error != 0 { return .failed("\(name): \(Self.text(of: error))") }
        }
        return .applied("\(max(options.mostDescriptors, 64)) descriptors, no files, no cores")
    }

    private func dropCapabilities(_ hasPriority: Bool) -> SandboxLayerState {
        let error = sandbox_drop_capabilities()
        guard error == 0 else { return Self.state(error) }
        return .applied(
            hasPriority
                ? "threads may take the highest priority"
                : "the watchdog has the usual priority: LimitNICE=-20 in the systemd unit gives it the highest")
    }

    /// Without the filter, libdispatch would end the process where it can open nothing.
    private func refusePaths() -> SandboxLayerState {
        let version = sandbox_landlock_version()
        let filter = sandbox_filter_opens()
        guard version > 0 else {
            switch -version {
            case ENOSYS: return .unavailable("this kernel has no Landlock, or a profile hides it")
            case EOPNOTSUPP: return .unavailable("Landlock is not switched on in this kernel")
            default: return Self.state(-version)
            }
        }
        guard filter == 0 else {
            return .unavailable("it takes a seccomp filter besides, which was refused: \(Self.text(of: filter))")
        }
        let error = sandbox_landlock_refuse_all(version)
        guard error == 0 else { return Self.state(error) }
        var refused = ["paths"]
        if version >= 4 { refused.append("TCP") }
        if version >= 6 { refused.append("signals and abstract sockets to other processes") }
        return .applied("version \(version): no \(refused.joined(separator: ", "))")
    }

    private static func state(_ error: Int32) -> SandboxLayerState {
        switch error {
        case 0: .applied()
        case ENOSYS, EPERM, EACCES, EINVAL, EOPNOTSUPP: .unavailable("the kernel refuses it: \(text(of: error))")
        default: .failed(text(of: error))
        }
    }

    private static func text(of error: Int32) -> String {
        guard let text = unsafe strerror(error) else { return "error \(error)" }
        return unsafe String(cString: text)
    }
}
