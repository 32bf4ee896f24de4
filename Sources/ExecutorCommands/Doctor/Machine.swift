// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import Glibc

/// What the kernel says of this machine and this process.
enum Machine {
    /// The kernel's release, as `6.1.0-37-amd64`.
    static var kernel: String { text("/proc/sys/kernel/osrelease") ?? "unknown" }

    /// `vm.max_map_count`.
    static var mostMappings: Int? { text("/proc/sys/vm/max_map_count").flatMap { Int($0) } }

    /// A limit of this process, as it is and as it may become; `Int.max`: none.
    static func limit(_ resource: Int32) -> (now: Int, most: Int) {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(UInt32(resource)), &limit) == 0 else { return (0, 0) }
        return (Int(clamping: limit.rlim_cur), Int(clamping: limit.rlim_max))
    }

    /// Lets this process have as many descriptors as it may.
    /// - Returns: how many.
    static func raiseDescriptors() -> Int {
        let most = limit(Int32(RLIMIT_NOFILE.rawValue)).most
        var limit = rlimit(rlim_cur: rlim_t(most), rlim_max: rlim_t(most))
        if most < .max { _ = unsafe setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) }
        return self.limit(Int32(RLIMIT_NOFILE.rawValue)).now
    }

    /// Whether this process has a capability, by its number.
    static func hasCapability(_ number: Int) -> Bool {
        let line = text("/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        guard let digits = line?.split(separator: "\t").last, let set = UInt64(digits, radix: 16) else { return false }
        return set >> UInt64(number) & 1 == 1
    }

    /// Physical memory in bytes.
    static var memory: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }

    /// The bytes that a control group of this process, or one above it, may have; `nil`: no bound.
    static var memoryBound: Int? {
        guard let groups = text("/proc/self/cgroup") else { return nil }
        var bounds: [Int] = []
        for line in groups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let isUnified = fields[0] == "0" && fields[1].isEmpty
            guard isUnified || fields[1].split(separator: ",").contains("memory") else { continue }
            let root = isUnified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
            var folder = String(fields[2])
            while true {
                let path = root + (folder == "/" ? "" : folder)
                let name = isUnified ? "/memory.max" : "/memory.limit_in_bytes"
                if let bound = text(path + name).flatMap({ Int($0) }), bound < memory { bounds.append(bound) }
                guard folder.count > 1, let slash = folder.lastIndex(of: "/") else { break }
                folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
            }
        }
        return bounds.min()
    }

    /// Bytes that this user may still write below a folder.
    static func freeBytes(_ folder: String) -> Int? {
        var status = statvfs()
        guard unsafe statvfs(folder, &status) == 0 else { return nil }
        let (bytes, overflow) = Int(clamping: status.f_bavail).multipliedReportingOverflow(by: Int(status.f_frsize))
        return overflow ? .max : bytes
    }

    /// Whether this user may make files in a folder; `nil`: there is no such folder.
    static func mayWrite(_ folder: String) -> Bool? {
        var status = stat()
        guard unsafe stat(folder, &status) == 0 else { return nil }
        guard status.st_mode & S_IFMT == S_IFDIR else { return false }
        return unsafe access(folder, W_OK | X_OK) == 0
    }

    private static func text(_ path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return text.last == "\n" ? String(text.dropLast()) : text
    }
}
