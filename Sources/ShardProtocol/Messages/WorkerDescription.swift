// SPDX-License-Identifier: Apache-2.0
public import HostAPI
internal import NIOCore
public import WorkerTypes

/// Why a module could not be compiled.
public struct CompileFailure: Sendable, Hashable {
    /// The error's stable word.
    public var code: String
    /// What is wrong and what would be right.
    public var message: String
    /// From 1 on; 0: it has no place.
    public var line = 0
    /// From 1 on.
    public var column = 0
    /// The text of that line.
    public var sourceLine = ""

    /// A failure of no place.
    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    func write(into buffer: inout ByteBuffer) {
        buffer.write(code, atMost: 256)
        buffer.write(message)
        buffer.write(count: line)
        buffer.write(count: column)
        buffer.write(sourceLine)
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        code = try reader.string(atMost: 256)
        message = try reader.string()
        line = try reader.count(atMost: 1 << 40)
        column = try reader.count(atMost: 1 << 40)
        sourceLine = try reader.string()
    }
}

/// A module as a shard gets it: compiled, since a shard starts no compiler.
public struct ModuleDescription: Sendable, Hashable {
    /// A relative path whose extension says what it is.
    public var name: String
    /// As it was deployed.
    public var source: [UInt8]
    /// The JavaScript that was made of it; `nil` where it is none but its own.
    public var compiled: [UInt8]?
    /// The source map of what was compiled.
    public var map: [UInt8]?
    /// Why it could not be compiled.
    public var failure: CompileFailure?

    /// A module.
    public init(name: String, source: [UInt8], compiled: [UInt8]? = nil, map: [UInt8]? = nil) {
        self.name = name
        self.source = source
        self.compiled = compiled
        self.map = map
    }

    func write(into buffer: inout ByteBuffer) {
        buffer.write(name)
        buffer.write(source)
        buffer.write(optional: compiled) { $0.write($1) }
        buffer.write(optional: map) { $0.write($1) }
        buffer.write(optional: failure) { $1.write(into: &$0) }
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        name = try reader.string(atMost: 4096)
        source = try reader.bytes()
        compiled = try reader.optional { (reader) throws(ProtocolError) in try reader.bytes() }
        map = try reader.optional { (reader) throws(ProtocolError) in try reader.bytes() }
        failure = try reader.optional { (reader) throws(ProtocolError) in try CompileFailure(&reader) }
    }
}

/// The modules of a worker, for its isolates or for those of the workers that import it.
public struct ModulesDescription: Sendable, Hashable {
    /// The worker's name.
    public var worker: String
    /// The name of the module with the handlers.
    public var main: String
    /// Whether other workers may import them.
    public var isPublic: Bool
    /// All of them.
    public var modules: [ModuleDescription]

    /// Modules of a worker.
    public init(worker: String, main: String, isPublic: Bool = false, modules: [ModuleDescription]) {
        self.worker = worker
        self.main = main
        self.isPublic = isPublic
        self.modules = modules
    }

    func write(into buffer: inout ByteBuffer) {
        buffer.write(worker)
        buffer.write(main)
        buffer.write(isPublic)
        buffer.write(list: modules) { $1.write(into: &$0) }
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        worker = try reader.string(atMost: 256)
        main = try reader.string(atMost: 4096)
        isPublic = try reader.flag()
        modules = try reader.list(ofAtLeast: 11, atMost: 100_000) { (reader) throws(ProtocolError) in
            try ModuleDescription(&reader)
        }
    }
}

/// A binding as a shard gets it: what scripts may call, and nothing of what was granted with it.
public struct BindingDescription: Sendable, Hashable {
    /// Where its operations are.
    public enum Place: Sendable, Hashable {
        /// With the supervisor.
        case remote
        /// In the shard, where they need nothing that is secret: with this grant, as JSON.
        case local(grant: [UInt8])
    }

    /// One thing that scripts may ask.
    public struct Operation: Sendable, Hashable {
        /// Its name within the capability.
        public var name: String
        /// The most that a script may pass it in one call, in bytes.
        public var mostArgumentBytes: Int
        /// Whether the script's thread waits for the answer.
        public var answersAtOnce: Bool

        /// An operation.
        public init(name: String, mostArgumentBytes: Int, answersAtOnce: Bool) {
            self.name = name
            self.mostArgumentBytes = mostArgumentBytes
            self.answersAtOnce = answersAtOnce
        }
    }

    /// What the script knows it by.
    public var name: String
    /// The capability's name.
    public var capability: String
    /// The index of its first operation in the supervisor's table.
    public var first: Int
    /// Its operations, in the order of their indices.
    public var operations: [Operation]
    /// Where these are.
    public var place = Place.remote

    /// A binding.
    public init(
        name: String, capability: String, first: Int = 0, operations: [Operation], place: Place = .remote
    ) {
        self.name = name
        self.capability = capability
        self.first = first
        self.operations = operations
        self.place = place
    }

    /// What a shard may know of a binding: of one that it can do itself, the grant; the others the supervisor keeps.
    public init(_ binding: HostBinding) {
        self.init(
            name: binding.name, capability: binding.capability, first: binding.firstOperation,
            operations: binding.operationNotes.map {
                Operation(name: $0.name, mostArgumentBytes: $0.mostArgumentBytes, answersAtOnce: $0.answersAtOnce)
            }, place: binding.portableGrant.map { .local(grant: $0) } ?? .remote)
    }

    func write(into buffer: inout ByteBuffer) {
        buffer.write(name)
        buffer.write(capability)
        buffer.write(count: first)
        buffer.write(list: operations) { buffer, operation in
            buffer.write(operation.name)
            buffer.write(count: operation.mostArgumentBytes)
            buffer.write(operation.answersAtOnce)
        }
        switch place {
        case .remote: buffer.write(false)
        case .local(let grant):
            buffer.write(true)
            buffer.write(grant)
        }
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        name = try reader.string(atMost: 1024)
        capability = try reader.string(atMost: 1024)
        first = try reader.count(atMost: 1 << 20)
        operations = try reader.list(ofAtLeast: 13, atMost: 1024) { (reader) throws(ProtocolError) in
            Operation(
                name: try reader.string(atMost: 256), mostArgumentBytes: try reader.count(),
                answersAtOnce: try reader.flag())
        }
        place = try reader.flag() ? .local(grant: try reader.bytes()) : .remote
    }
}

/// A text or a secret's placeholder in a worker's `env`.
public struct VariableDescription: Sendable, Hashable {
    /// What the script knows it by.
    public var name: String
    /// What it finds.
    public var value: String

    /// A variable.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// A version of a worker as a shard gets it: no secret, no grant of what the supervisor keeps.
public struct WorkerDescription: Sendable, Hashable {
    /// The version's number; 0 of one that is tried.
    public var version = 0
    /// Unique among what the supervisor has installed or tried: what its isolates call the host for.
    public var serial = 0
    /// What makes its compiled code the same.
    public var identity = ""
    /// Its modules, and its name.
    public var modules: ModulesDescription
    /// Texts and placeholders.
    public var variables: [VariableDescription] = []
    /// What it was granted, in the order of the supervisor's scopes.
    public var bindings: [BindingDescription] = []
    /// Memory of an isolate; CPU and elapsed time of one dispatch.
    public var limits = Limits.standard
    /// What one dispatch may use of the host.
    public var hostLimits = HostLimits.standard
    /// CPU time in which the modules must be evaluated.
    public var startup = Duration.seconds(1)
    /// Bytes of console lines of one dispatch.
    public var logBytes = 64 << 10
    /// Dispatches under way at a time.
    public var concurrency = 100
    /// WebSockets open at a time.
    public var webSockets = 1000
    /// Whether an isolate serves one dispatch only.
    public var isFresh = false

    /// A version of one worker.
    public init(_ modules: ModulesDescription) { self.modules = modules }

    func write(into buffer: inout ByteBuffer) {
        buffer.write(count: version)
        buffer.write(count: serial)
        buffer.write(identity)
        modules.write(into: &buffer)
        buffer.write(list: variables) { buffer, variable in
            buffer.write(variable.name)
            buffer.write(variable.value)
        }
        buffer.write(list: bindings) { $1.write(into: &$0) }
        buffer.write(count: limits.memory)
        buffer.write(optional: limits.cpu) { $0.write($1) }
        buffer.write(optional: limits.wall) { $0.write($1) }
        buffer.write(limits.codeGeneration)
        buffer.write(limits.webAssembly)
        for quantity in Quantity.allCases { buffer.write(optional: hostLimits[quantity]) { $0.write(count: $1) } }
        buffer.write(startup)
        buffer.write(count: logBytes)
        buffer.write(count: concurrency)
        buffer.write(count: webSockets)
        buffer.write(isFresh)
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        version = try reader.count()
        serial = try reader.count(atMost: 1 << 48)
        identity = try reader.string(atMost: 1024)
        modules = try ModulesDescription(&reader)
        variables = try reader.list(ofAtLeast: 8, atMost: 10_000) { (reader) throws(ProtocolError) in
            VariableDescription(name: try reader.string(atMost: 1024), value: try reader.string())
        }
        bindings = try reader.list(ofAtLeast: 21, atMost: 10_000) { (reader) throws(ProtocolError) in
            try BindingDescription(&reader)
        }
        let memory = try reader.count(atMost: Limits.mostMemory)
        let cpu = try reader.optional { (reader) throws(ProtocolError) in try reader.duration() }
        let wall = try reader.optional { (reader) throws(ProtocolError) in try reader.duration() }
        limits = Limits(
            memory: memory, cpu: cpu, wall: wall, codeGeneration: try reader.flag(), webAssembly: try reader.flag())
        hostLimits = .none
        for quantity in Quantity.allCases {
            hostLimits[quantity] = try reader.optional { (reader) throws(ProtocolError) in try reader.count() }
        }
        startup = try reader.duration()
        logBytes = try reader.count()
        concurrency = try reader.count()
        webSockets = try reader.count()
        isFresh = try reader.flag()
    }
}

extension ByteBuffer {
    /// As nanoseconds; longer than three centuries counts as that.
    mutating func write(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let whole = max(0, min(seconds, 9_000_000_000))
        write(UInt64(whole) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000)
    }
}

extension WireReader {
    mutating func duration() throws(ProtocolError) -> Duration { .nanoseconds(Int64(try count())) }
}
