// SPDX-License-Identifier: Apache-2.0
import ShardSandbox
import Subprocess
import Testing

/// What native code inside a shard can do to what is outside.
@Suite(
    "Ways out of the sandbox of a shard", .serialized, .timeLimit(.minutes(5)),
    .disabled(if: isSanitized, "sanitizers do what the sandbox refuses"))
struct EscapeTests {
    /// The error each is answered with, by its number here.
    private static let refused: KeyValuePairs = [
        "open": 13, "open-folder": 13, "create": 13, "stat": 13, "readlink": 13, "self-mem": 13, "write-file": 27,
        "socket": 13, "socket-unix": 13, "socket-netlink": 13, "sendto": 1, "attach-bpf": 1, "fork": 1, "clone": 1,
        "clone-newuser": 1, "system": 1, "kill": 1, "tgkill": 1, "kill-all": 1, "prlimit": 1, "setrlimit": 1,
        "set-dumpable": 1, "setown": 1, "tiocsti": 1, "map-file": 1,
    ]

    /// What nothing in a shard does: whoever does it ends there.
    private static let fatal = [
        "unlink", "mkdir", "open-by-handle", "connect", "bind", "execve", "memfd", "memfd-exec", "unshare", "ptrace",
        "sigqueue",
        "process-vm-writev", "pidfd-open", "mount", "chroot", "io-uring", "bpf", "userfaultfd", "keyctl",
        "perf-event-open", "init-module", "shmget", "inotify", "personality",
    ]

    /// A program that can do none of this outside either would prove nothing.
    @Test("Without the sandbox they are open")
    func control() async throws {
        let names = [
            "open", "open-folder", "create", "unlink", "mkdir", "stat", "readlink", "write-file", "socket",
            "socket-unix",
            "socket-netlink", "sendto", "fork", "clone", "system", "kill", "tgkill", "kill-all", "prlimit", "setrlimit",
            "set-dumpable", "setown", "map-file", "memfd", "pidfd-open", "inotify", "map-code", "protect-code",
        ]
        let run = try await ProberProgram.run(["none"] + names)
        #expect(run.lines == names.map { "\($0) worked" }, "\(run)")
        for name in ["connect", "bind"] {
            let run = try await ProberProgram.run("none", name)
            // A port without a listener is as far as it gets.
            #expect(run.lines == ["\(name) worked"], "\(run)")
        }
    }

    @Test(
        "What libraries try now and then is refused with an error",
        .enabled("the machine has no seccomp filter") { try await ProberProgram.has(.seccomp) })
    func refusals() async throws {
        let run = try await ProberProgram.run(Self.refused.map(\.key))
        #expect(run.lines == Self.refused.map { "\($0.key) refused \($0.value)" }, "\(run)")
    }

    @Test(
        "What nothing there does ends the process",
        .enabled("the machine has no seccomp filter") { try await ProberProgram.has(.seccomp) }, arguments: fatal)
    func ends(_ name: String) async throws {
        let run = try await ProberProgram.run(name)
        #expect(run.status == .signaled(31), "\(run)")
        #expect(run.output.isEmpty, "\(run)")
    }

    #if arch(x86_64)
        @Test(
            "System calls by the numbers of other architectures end the process",
            .enabled("the machine has no seccomp filter") { try await ProberProgram.has(.seccomp) },
            arguments: ["int80", "x32"])
        func otherNumbers(_ name: String) async throws {
            let run = try await ProberProgram.run(name)
            #expect(run.status == .signaled(31) && run.output.isEmpty, "\(run)")
        }
    #endif

    @Test(
        "Memory becomes executable where machine code is made, and nowhere else",
        .enabled("the machine has no seccomp filter") { try await ProberProgram.has(.seccomp) })
    func machineCode() async throws {
        let names = ["map-code", "protect-code"]
        #expect(try await ProberProgram.run(names).lines == names.map { "\($0) worked" })
        #expect(try await ProberProgram.run(["jitless"] + names).lines == names.map { "\($0) refused 1" })
    }

    @Test(
        "Landlock alone refuses programs, names of files and other processes",
        .enabled("the machine has no Landlock") { try await ProberProgram.has(.landlock) })
    func landlock() async throws {
        let run = try await ProberProgram.run("enter", "execve", "mkdir", "open")
        #expect(run.lines == ["execve refused 13", "mkdir refused 13", "open refused 13"], "\(run)")
        let report = try await ProberProgram.report("enter")
        if report[.landlock]?.detail.contains("signals") == true {
            #expect(try await ProberProgram.run("enter", "kill").lines == ["kill refused 1"])
        }
    }

    @Test("Neither variables nor descriptors of the parent are left")
    func inheritance() async throws {
        // 115 is the s of secret.
        #expect(try await ProberProgram.run("none", "environment").lines == ["full 115", "open"])
        let sealed = try await ProberProgram.run("environment")
        #expect(sealed.lines == ["empty 0", "closed"], "\(sealed)")
    }
}
