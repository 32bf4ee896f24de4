// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing

@testable import ShardSandbox

/// Folders of plain files stand for control groups: what is written where is what the kernel would get.
@Suite("Control groups of children")
struct MemoryGroupTests {
    let folder = FileManager.default.temporaryDirectory.appending(path: "rookery-groups-\(UUID().uuidString)")
        .path(percentEncoded: false)

    private func group(controllers: String) throws -> MemoryGroups {
        for name in ["", "/supervisor", "/shard-1"] {
            try FileManager.default.createDirectory(atPath: folder + name, withIntermediateDirectories: true)
        }
        try write(controllers, "cgroup.controllers")
        for name in [
            "cgroup.subtree_control", "supervisor/cgroup.procs", "shard-1/memory.max", "shard-1/memory.swap.max",
            "shard-1/memory.oom.group", "shard-1/cgroup.procs",
        ] { try write("", name) }
        return try MemoryGroups(folder: folder)
    }

    private func write(_ text: String, _ name: String) throws {
        try text.write(toFile: folder + "/" + name, atomically: false, encoding: .utf8)
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
    }

    @Test("The supervisor moves aside, and a child has a group with its number of bytes")
    func division() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let groups = try group(controllers: "cpu memory pids\n")
        try groups.divide()
        #expect(try text("supervisor/cgroup.procs") == "\(ProcessInfo.processInfo.processIdentifier)")
        #expect(try text("cgroup.subtree_control") == "+memory")
        try groups.makeGroup("shard-1", most: 1 << 30)
        try groups.move(4711, to: "shard-1")
        #expect(try text("shard-1/memory.max") == "1073741824")
        #expect(try text("shard-1/memory.swap.max") == "0")
        #expect(try text("shard-1/cgroup.procs") == "4711")
    }

    @Test("A group without a memory controller is unavailable, with the reason")
    func noController() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect {
            try group(controllers: "cpu pids\n")
        } throws: { error in
            (error as? MemoryGroupError)?.state == .unavailable("the group \(folder) has no memory controller")
        }
        #expect(throws: MemoryGroupError.unavailable("\(folder)/none is not a control group of version 2")) {
            try MemoryGroups(folder: folder + "/none")
        }
    }

    @Test("Groups that a supervisor before it left are removed, and nothing else")
    func leftovers() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let groups = try group(controllers: "memory")
        for name in ["shard-9-1", "shard-9-2", "other"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        try groups.divide()
        let left = try FileManager.default.contentsOfDirectory(atPath: folder)
        // A group with processes in it cannot be removed: here it is a folder with files.
        #expect(left.filter { !$0.hasPrefix("cgroup") }.sorted() == ["other", "shard-1", "supervisor"])
    }

    @Test("A group that cannot be divided is left as it was, and the reason says what is in the way")
    func refusal() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let groups = try group(controllers: "memory")
        // Stands for the kernel's refusal.
        try FileManager.default.removeItem(atPath: folder + "/cgroup.subtree_control")
        try write("", "cgroup.procs")
        #expect {
            try groups.divide()
        } throws: { error in
            (error as? MemoryGroupError)?.description.contains("nothing but Rookery may be in its group") == true
        }
        #expect(try text("cgroup.procs") == "\(ProcessInfo.processInfo.processIdentifier)")
    }

    @Test("A process that the kernel ended at its bound is told from others")
    func outgrown() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let groups = try group(controllers: "memory")
        #expect(!groups.hasOutgrown("shard-1"))
        try write("low 0\nhigh 0\nmax 12\noom 0\noom_kill 0\noom_group_kill 0\n", "shard-1/memory.events")
        #expect(!groups.hasOutgrown("shard-1"))
        try write("low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\noom_group_kill 1\n", "shard-1/memory.events")
        #expect(groups.hasOutgrown("shard-1"))
    }

    @Test("Names that would lead elsewhere are refused", arguments: ["", "..", "a/b", "a b", "ä"])
    func names(_ name: String) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let groups = try group(controllers: "memory")
        for name in [name, "shard-\(name)/"] {
            #expect(throws: MemoryGroupError.self) { try groups.makeGroup(name, most: 1 << 20) }
        }
        #expect(throws: MemoryGroupError.self) { try groups.makeGroup("shard-1", most: 0) }
    }

    @Test("The hierarchy of version 2 is found among the mounts, optional fields or not")
    func mounts() {
        let both = """
            30 23 0:26 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
            31 30 0:27 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
            32 30 0:28 / /sys/fs/cgroup/unified rw,relatime shared:10 master:1 - cgroup2 cgroup2 rw
            """
        #expect(MemoryGroups.mountPoint(both) == "/sys/fs/cgroup/unified")
        #expect(MemoryGroups.mountPoint("31 30 0:27 / /x rw - cgroup2 none rw") == "/x")
        #expect(MemoryGroups.mountPoint("31 30 0:27 / /x rw - cgroup none rw\n\nnonsense\n1 - cgroup2") == nil)
    }
}
