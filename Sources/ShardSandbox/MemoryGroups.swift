// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import Glibc

/// The control groups (version 2) of a supervisor's children, each with a number of bytes that the kernel holds it to.
///
/// A group with groups below it that have controllers holds no processes itself: the supervisor moves into a group
/// `supervisor` below the one that it was given. Where another process is in that group, it cannot be divided.
public struct MemoryGroups: Sendable {
    private static let childPrefix = "shard-"
    private let folder: String

    /// Below the group that this process is in.
    /// - Throws: `MemoryGroupError`, where there is none that it may divide.
    public static func ofProcess() throws(MemoryGroupError) -> MemoryGroups {
        guard let mounts = read("/proc/self/mountinfo"), let groups = read("/proc/self/cgroup") else {
            throw .unavailable("/proc cannot be read")
        }
        guard let mount = mountPoint(mounts) else {
            throw .unavailable("no control groups of version 2 are mounted")
        }
        guard let path = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::") })?.dropFirst(3) else {
            throw .unavailable("this process is in no control group of version 2")
        }
        return try MemoryGroups(folder: path == "/" ? mount : mount + path)
    }

    /// Below a group.
    /// - Throws: `MemoryGroupError`, where it has no memory controller or may not be divided.
    public init(folder: String) throws(MemoryGroupError) {
        guard let controllers = Self.read(folder + "/cgroup.controllers") else {
            throw .unavailable("\(folder) is not a control group of version 2")
        }
        guard controllers.split(whereSeparator: \.isWhitespace).contains("memory") else {
            throw .unavailable("the group \(folder) has no memory controller")
        }
        guard unsafe access(folder + "/cgroup.subtree_control", W_OK) == 0, unsafe access(folder, W_OK) == 0 else {
            throw .unavailable("the group \(folder) is not this user's to divide")
        }
        self.folder = folder
    }

    /// Makes room for groups of children: moves this process into one of its own, and removes those that one before it
    /// left. While it has no children.
    /// - Throws: `MemoryGroupError`; then it is where it was.
    public func divide() throws(MemoryGroupError) {
        try make("supervisor")
        try Self.write("\(getpid())", folder + "/supervisor/cgroup.procs")
        do {
            try Self.write("+memory", folder + "/cgroup.subtree_control")
        } catch {
            try? Self.write("\(getpid())", folder + "/cgroup.procs")
            removeGroup("supervisor")
            throw .unavailable("\(error); nothing but Rookery may be in its group")
        }
        // Those with processes stay.
        for name in Self.names(folder) where name.hasPrefix(Self.childPrefix) { removeGroup(name) }
    }

    /// Makes, or changes, a child's group.
    /// - Parameters:
    ///   - name: `shard-`, and letters, digits and hyphens.
    ///   - most: bytes; past them the kernel ends the child, not the supervisor.
    /// - Throws: `MemoryGroupError`.
    public func makeGroup(_ name: String, most: Int) throws(MemoryGroupError) {
        guard name.hasPrefix(Self.childPrefix),
            name.utf8.allSatisfy({ $0 == 0x2d || isalnum(Int32($0)) != 0 && $0 < 0x80 }), most > 0
        else {
            throw .failed("no group can have the name \"\(name)\" and \(most) bytes")
        }
        try make(name)
        let group = "\(folder)/\(name)"
        try Self.write("\(most)", group + "/memory.max")
        // What is swapped out is not counted; not every kernel has swap, or the file.
        try? Self.write("0", group + "/memory.swap.max")
        try? Self.write("1", group + "/memory.oom.group")
    }

    /// Moves a child, by its process number, into its group. Before it has memory of account.
    /// - Throws: `MemoryGroupError`.
    public func move(_ process: Int32, to name: String) throws(MemoryGroupError) {
        try Self.write("\(process)", "\(folder)/\(name)/cgroup.procs")
    }

    /// Whether the kernel has ended a process of a group since it had as much as it may.
    public func hasOutgrown(_ name: String) -> Bool {
        let events = Self.read("\(folder)/\(name)/memory.events") ?? ""
        return events.split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            return words.count == 2 && words[0] == "oom_kill" && words[1] != "0"
        }
    }

    /// Removes the group of a child that has ended.
    public func removeGroup(_ name: String) { _ = unsafe rmdir("\(folder)/\(name)") }

    // MARK: Files

    private func make(_ name: String) throws(MemoryGroupError) {
        guard unsafe mkdir("\(folder)/\(name)", 0o755) == 0 || errno == EEXIST else {
            throw .failed("\(folder)/\(name): \(Self.lastError)")
        }
    }

    /// Where the hierarchy is mounted, in the words of mountinfo(5).
    static func mountPoint(_ mounts: String) -> String? {
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash > 4, dash + 1 < fields.count else { continue }
            if fields[dash + 1] == "cgroup2" { return String(fields[4]) }
        }
        return nil
    }

    private static func names(_ folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    private static func read(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

    private static func write(_ text: String, _ path: String) throws(MemoryGroupError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .failed("\(path): \(lastError)") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw .failed("\(path): \(lastError)")
        }
    }

    private static var lastError: String {
        guard let text = unsafe strerror(errno) else { return "error \(errno)" }
        return unsafe String(cString: text)
    }
}

/// Why children have no control groups.
public enum MemoryGroupError: Error, Equatable, CustomStringConvertible {
    /// This machine, or its operator, does not have them.
    case unavailable(String)
    /// The kernel refused what it usually does.
    case failed(String)

    /// What happened.
    public var description: String { state.detail }

    /// As the layer's state in a report.
    public var state: SandboxLayerState {
        switch self {
        case .unavailable(let reason): .unavailable(reason)
        case .failed(let reason): .failed(reason)
        }
    }
}
