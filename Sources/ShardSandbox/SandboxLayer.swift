// SPDX-License-Identifier: Apache-2.0

/// One thing that keeps a process from what it does not need; each holds without the others.
public enum SandboxLayer: String, Sendable, CaseIterable, Codable {
    /// Only the descriptors that were meant for it are open.
    case descriptors
    /// Its environment is empty.
    case environment
    /// It leaves no core, writes no file, and has few descriptors.
    case resourceLimits
    /// It is nobody in a user namespace of its own.
    case userNamespace
    /// It has a network without interfaces.
    case networkNamespace
    /// It has no capabilities, and programs that it would start had none.
    case capabilities
    /// Programs that it would start had no more privileges.
    case noNewPrivileges
    /// No process of the same user may look into it.
    case notDumpable
    /// Landlock refuses it every path, and what the kernel's version of Landlock knows besides.
    case landlock
    /// A filter lets through the system calls of isolates only.
    case seccomp
    /// The kernel holds it to a number of bytes: a control group, which its supervisor makes.
    case memoryGroup

    /// What `--require-sandbox` insists on: all but what an operator must arrange for, and what containers refuse.
    public static let standard: Set<SandboxLayer> = Set(allCases).subtracting([
        .userNamespace, .networkNamespace, .memoryGroup,
    ])

    /// What it is called in a sentence.
    public var title: String {
        switch self {
        case .descriptors: "closed descriptors"
        case .environment: "empty environment"
        case .resourceLimits: "resource limits"
        case .userNamespace: "user namespace"
        case .networkNamespace: "network namespace"
        case .capabilities: "no capabilities"
        case .noNewPrivileges: "no new privileges"
        case .notDumpable: "not dumpable"
        case .landlock: "Landlock"
        case .seccomp: "seccomp filter"
        case .memoryGroup: "memory control group"
        }
    }

    /// What an operator does to have it.
    public var advice: String {
        switch self {
        case .descriptors, .environment, .notDumpable, .noNewPrivileges, .resourceLimits:
            "every Linux that Rookery runs on has this: look for what refuses it, such as a seccomp profile of the container"
        case .capabilities: "start Rookery as a user of its own, not as root"
        case .userNamespace, .networkNamespace:
            "allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone, user.max_user_namespaces, or the "
                + "profile of the container); not needed where the other layers hold"
        case .landlock:
            "run a kernel from 5.13 on with CONFIG_SECURITY_LANDLOCK and landlock in its lsm= parameter, and allow its three "
                + "system calls in the profile of the container"
        case .seccomp: "run a kernel with CONFIG_SECCOMP_FILTER, outside of emulators that lack it"
        case .memoryGroup:
            "use control groups of version 2 and give Rookery a group of its own: Delegate=memory in its systemd unit"
        }
    }
}

/// What became of a layer.
public enum SandboxLayerState: Sendable, Equatable {
    /// It holds; with what is worth saying about it.
    case applied(String = "")
    /// This machine, or its operator, does not have it.
    case unavailable(String)
    /// It was asked for and did not come to be.
    case failed(String)

    /// Whether the layer holds.
    public var holds: Bool {
        if case .applied = self { return true }
        return false
    }

    /// What is worth saying.
    public var detail: String {
        switch self {
        case .applied(let detail), .unavailable(let detail), .failed(let detail): detail
        }
    }
}

extension SandboxLayerState: Codable {
    private enum Key: CodingKey { case state, detail }
    private enum Name: String, Codable { case applied, unavailable, failed }

    /// From `{"state":"applied","detail":"…"}`.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        let detail = try members.decode(String.self, forKey: .detail)
        switch try members.decode(Name.self, forKey: .state) {
        case .applied: self = .applied(detail)
        case .unavailable: self = .unavailable(detail)
        case .failed: self = .failed(detail)
        }
    }

    /// As `{"state":"applied","detail":"…"}`.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        let name: Name =
            switch self {
            case .applied: .applied
            case .unavailable: .unavailable
            case .failed: .failed
            }
        try members.encode(name, forKey: .state)
        try members.encode(detail, forKey: .detail)
    }
}
