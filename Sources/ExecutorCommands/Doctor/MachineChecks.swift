// SPDX-License-Identifier: Apache-2.0
internal import ExecutorServer
internal import Glibc
internal import Isolates
internal import NIOCore
internal import NIOPosix
internal import WorkerRuntime

/// What the executor needs of a machine, shards or not.
struct MachineChecks {
    let data: String
    let addresses: [FrontAddress]

    func all() async -> [DoctorCheck] {
        var checks = [engine, kernel, memory, mappings, descriptors, lockedMemory, priority, await esbuild, disk]
        for address in addresses { checks.append(await port(address)) }
        return checks
    }

    private var engine: DoctorCheck {
        guard Engine.version.hasPrefix(Engine.headerVersion) else {
            return DoctorCheck(
                "V8", .missing, "libnode has \(Engine.version), Rookery was built for \(Engine.headerVersion)",
                advice: "install Debian's libnode108, or build again after scripts/bootstrap")
        }
        return DoctorCheck("V8", .ok, Engine.version)
    }

    private var kernel: DoctorCheck {
        let release = Machine.kernel
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        let isOld = numbers.count == 2 && (numbers[0], numbers[1]) < (5, 13)
        return DoctorCheck(
            "kernel", isOld ? .warning : .ok, release, advice: "Landlock takes 5.13, of which Debian 12 has 6.1")
    }

    private var memory: DoctorCheck {
        let physical = "\(Machine.memory >> 20) MiB"
        guard let bound = Machine.memoryBound else {
            return DoctorCheck("memory", .ok, "\(physical), and no bound of a control group")
        }
        let isLittle = bound < 512 << 20
        return DoctorCheck(
            "memory", isLittle ? .warning : .ok, "\(physical), of which a control group leaves \(bound >> 20) MiB",
            advice: "give the service 512 MiB and more (MemoryMax= in its systemd unit)")
    }

    /// A live isolate has about 13 mappings, and Rookery holds 4000 unless told otherwise.
    private var mappings: DoctorCheck {
        guard let most = Machine.mostMappings else {
            return DoctorCheck(
                "vm.max_map_count", .warning, "cannot be read; 65530 are taken for granted", advice: "show /proc/sys")
        }
        let isolates = max(0, (most - 4096) / 13)
        return DoctorCheck(
            "vm.max_map_count", isolates < 4000 ? .warning : .ok, "\(most): enough for \(isolates) isolates",
            advice: "sysctl vm.max_map_count=1048576, or --most-isolates \(isolates)")
    }

    private var descriptors: DoctorCheck {
        let limit = Machine.limit(Int32(RLIMIT_NOFILE.rawValue))
        let state: DoctorCheck.State = limit.most < 1024 ? .missing : limit.now < 16384 ? .warning : .ok
        return DoctorCheck(
            "RLIMIT_NOFILE", state, "\(Self.count(limit.now)) of at most \(Self.count(limit.most))",
            advice: "ulimit -n 65536, or LimitNOFILE=65536 in the systemd unit: a connection takes one or two")
    }

    private var lockedMemory: DoctorCheck {
        let limit = Machine.limit(Int32(__RLIMIT_MEMLOCK.rawValue))
        return DoctorCheck("RLIMIT_MEMLOCK", .ok, "\(Self.count(limit.now)) bytes; Rookery locks none")
    }

    private var priority: DoctorCheck {
        // CAP_SYS_NICE; 40 stands for a nice value of -20.
        let hasCapability = Machine.hasCapability(23)
        let isAllowed = Machine.limit(Int32(__RLIMIT_NICE.rawValue)).now >= 40
        return DoctorCheck(
            "priority", hasCapability || isAllowed ? .ok : .warning,
            isAllowed
                ? "threads may take the highest"
                : hasCapability
                    ? "CAP_SYS_NICE: the watchdog takes the highest; shards, which have no capabilities, do not"
                    : "the watchdog has the usual one, and is less exact under load",
            advice: "LimitNICE=-20 in the systemd unit (AmbientCapabilities=CAP_SYS_NICE does without shards)")
    }

    private var esbuild: DoctorCheck {
        get async {
            if let version = await TypeScriptCompiler.programVersion() { return DoctorCheck("esbuild", .ok, version) }
            return DoctorCheck(
                "esbuild", .warning, "not found, or it does not start",
                advice:
                    "apt-get install esbuild, or name it in ROOKERY_ESBUILD: TypeScript, JSX, deploy and dev take it")
        }
    }

    private var disk: DoctorCheck {
        var folder = data
        while Machine.mayWrite(folder) == nil, folder != "/", folder != "." {
            guard let slash = folder.lastIndex(of: "/") else {
                folder = "."
                break
            }
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
        guard Machine.mayWrite(folder) == true else {
            return DoctorCheck(
                "data", .missing, "\(data): this user may not write in \(folder)",
                advice: "name another folder with --data, or give this one to the user that Rookery runs as")
        }
        guard let free = Machine.freeBytes(folder) else {
            return DoctorCheck("data", .warning, "\(data): free space is unknown", advice: "look at the file system")
        }
        let state: DoctorCheck.State = free < 64 << 20 ? .missing : free < 1 << 30 ? .warning : .ok
        return DoctorCheck(
            "data", state, "\(data): \(free >> 20) MiB free", advice: "make room: deploys and kv fail on a full disk")
    }

    /// Listens there for a moment.
    private func port(_ address: FrontAddress) async -> DoctorCheck {
        let name = "listen"
        switch address {
        case .unix(let path):
            let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
            return DoctorCheck(
                name, Machine.mayWrite(folder) == true ? .ok : .missing, "\(address)",
                advice: "make the folder \(folder), where this user may write")
        case .tcp(let host, let port):
            do {
                let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                try await bootstrap.bind(host: host, port: port).get().close().get()
                return DoctorCheck(name, .ok, "\(address)")
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                // As it should be where Rookery serves.
                return DoctorCheck(
                    name, .warning, "\(address): something listens there",
                    advice: "nothing, if it is Rookery; else stop it, or give another address")
            } catch {
                return DoctorCheck(name, .missing, "\(address): \(error)", advice: "give an address of this machine")
            }
        }
    }

    private static func count(_ number: Int) -> String { number == .max ? "any number" : "\(number)" }
}
