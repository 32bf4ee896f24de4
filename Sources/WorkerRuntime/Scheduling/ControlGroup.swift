// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// The control groups that the process is in, as far as they bound its memory: what a service manager or a container
/// sets may be at the process's own group or at any above it.
struct ControlGroup {
    /// What `/proc/self/cgroup` says.
    let membership: String
    /// The text of a file; `nil` where there is none.
    let read: (_ path: String) -> String?

    /// The process's own.
    static var ofProcess: ControlGroup {
        func read(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
        return ControlGroup(membership: read("/proc/self/cgroup") ?? "", read: read)
    }

    /// The least bound of all these groups, in bytes; `nil` where there is none.
    var memoryLimit: Int? {
        let bounds = membership.split(separator: "\n").flatMap { line -> [Int] in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return [] }
            // Version 2 has one hierarchy, without a name; version 1 one for memory.
            if parts[0] == "0", parts[1].isEmpty { return Self.folders("/sys/fs/cgroup", parts[2], "memory.max", read) }
            guard parts[1].split(separator: ",").contains("memory") else { return [] }
            return Self.folders("/sys/fs/cgroup/memory", parts[2], "memory.limit_in_bytes", read)
        }
        return bounds.min()
    }

    /// The numbers in the files of this name from the group's folder up to the root.
    private static func folders(
        _ root: String, _ group: Substring, _ file: String, _ read: (String) -> String?
    ) -> [Int] {
        // Groups above a container's root are `..`, and not to be seen.
        var names = group.split(separator: "/").filter { $0 != ".." }
        var bounds: [Int] = []
        while true {
            let path = ([root[...]] + names + [file[...]]).joined(separator: "/")
            // `max` is no number.
            if let bound = read(path).flatMap({ Int($0.filter { !$0.isWhitespace }) }), bound > 0 {
                bounds.append(bound)
            }
            guard names.popLast() != nil else { return bounds }
        }
    }
}
