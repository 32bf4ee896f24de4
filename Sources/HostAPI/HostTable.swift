// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// All operations of a host by index: the one table from which both sides take names and numbers.
public struct HostTable: Sendable {
    private struct Entry: Sendable {
        let capability: any Capability
        /// The index of its first operation.
        let first: Int
    }

    /// The full name of each operation, as in `kv.get`; its position is its index.
    public let operations: [String]
    private let entries: [String: Entry]
    private let indices: [String: Int]

    /// Numbers the operations of these capabilities in order.
    /// - Throws: `GrantError` where two capabilities, or two operations of one, have the same name, or a name is
    ///   malformed.
    public init(_ capabilities: [any Capability]) throws(GrantError) {
        var operations: [String] = []
        var entries: [String: Entry] = [:]
        var indices: [String: Int] = [:]
        for capability in capabilities {
            let name = type(of: capability).name
            guard Self.isName(name) else {
                throw GrantError("a capability named \(HostError.quote(name)): use a-z, 0-9 and dashes")
            }
            guard entries[name] == nil else {
                throw GrantError("two capabilities are named \"\(name)\": register one of them, or rename one")
            }
            entries[name] = Entry(capability: capability, first: operations.count)
            for operation in Self.operationNames(of: capability) {
                guard Self.isOperationName(operation) else {
                    throw GrantError(
                        "an operation of \(name) named \(HostError.quote(operation)): use letters and digits")
                }
                let full = "\(name).\(operation)"
                guard indices[full] == nil else { throw GrantError("two operations are named \"\(full)\": rename one") }
                indices[full] = operations.count
                operations.append(full)
            }
        }
        self.operations = operations
        self.entries = entries
        self.indices = indices
    }

    /// The index of an operation by its full name.
    public func index(of operation: String) -> Int? { indices[operation] }

    /// The names of the capabilities.
    public var capabilities: [String] { entries.keys.sorted() }

    /// Grants a capability under a name.
    /// - Throws: `GrantError` where this table does not have the capability, or what the grant names cannot be used.
    public func bind<C: Capability>(
        _ capability: C.Type, as name: String, grant: C.Grant
    ) throws(GrantError) -> HostBinding {
        guard let entry = entries[C.name], let instance = entry.capability as? C else { throw missing(C.name) }
        return try HostBinding(instance, first: entry.first, name: name, grant: grant)
    }

    /// Grants a capability under a name, with a grant as an operator wrote it.
    /// - Throws: `GrantError` where there is no such capability, or the grant is malformed or cannot be used.
    public func bind(_ capability: String, as name: String, json: [UInt8]) throws(GrantError) -> HostBinding {
        guard let entry = entries[capability] else { throw missing(capability) }
        return try Self.bind(entry.capability, first: entry.first, name: name, json: json)
    }

    private func missing(_ name: String) -> GrantError {
        GrantError(
            "there is no capability \(HostError.quote(name)); there are " + capabilities.joined(separator: ", "))
    }

    private static func bind<C: Capability>(
        _ capability: C, first: Int, name: String, json: [UInt8]
    ) throws(GrantError) -> HostBinding {
        let grant: C.Grant
        do {
            grant = try JSONDecoder().decode(C.Grant.self, from: Data(json))
        } catch {
            throw GrantError("the grant \(HostError.quote(name)) of \(C.name): \(describe(error))")
        }
        return try HostBinding(capability, first: first, name: name, grant: grant)
    }

    private static func describe(_ error: any Error) -> String {
        switch error {
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.keyNotFound(_, let context), DecodingError.dataCorrupted(let context):
            let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
            return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
        default: return "\(error)"
        }
    }

    private static func operationNames<C: Capability>(of capability: C) -> [String] {
        capability.operations.map(\.name)
    }

    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { isLower($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isOperationName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.utf8.allSatisfy { isLower($0 | 0x20) || isDigit($0) }
    }

    private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

/// A capability granted under a name. Made once for a worker's version and used by all its dispatches.
public final class HostBinding: Sendable {
    struct Operation: Sendable {
        enum Body: Sendable {
            case now(@Sendable (HostArguments, CallSite) throws(HostError) -> HostValue)
            case later(@Sendable (HostArguments, CallSite, HostAnswer) -> Void)
        }

        let name: String
        let mostArgumentBytes: Int
        let body: Body
    }

    /// The name that the script knows it by.
    public let name: String
    /// The capability's name.
    public let capability: String
    /// What one dispatch may use of it, beside what it may use altogether.
    public let limits: HostLimits
    /// The grant as JSON, where it needs nothing of this process.
    public let portableGrant: [UInt8]?
    private let first: Int
    private let operations: [Operation]

    fileprivate convenience init<C: Capability>(
        _ capability: C, first: Int, name: String, grant: C.Grant
    ) throws(GrantError) {
        self.init(
            name: name, capability: C.name, first: first, access: try capability.open(grant), limits: grant.limits,
            portableGrant: capability.isPortable(grant) ? (try? JSONEncoder().encode(grant)).map { Array($0) } : nil,
            operations: capability.operations)
    }

    /// A binding of operations that are known at run time only, as where a host in another process serves them.
    /// - Parameters:
    ///   - name: the name that the script knows it by.
    ///   - capability: the capability's name.
    ///   - first: the index of the first operation in the table.
    ///   - access: what the operations find in `call.access`.
    ///   - limits: what one dispatch may use of it.
    ///   - portableGrant: the grant as JSON, where another process that has the capability may do it itself.
    ///   - operations: all of them, in their order.
    public init<Access: Sendable>(
        name: String, capability: String, first: Int, access: Access, limits: HostLimits = .none,
        portableGrant: [UInt8]? = nil, operations: [HostOperation<Access>]
    ) {
        self.name = name
        self.capability = capability
        self.first = first
        self.limits = limits
        self.portableGrant = portableGrant
        // The grant's type is known here for the last time, so that a call needs no cast.
        self.operations = operations.map { operation in
            let body: Operation.Body =
                switch operation.body {
                case .now(let body):
                    .now { (arguments, site) throws(HostError) in
                        try body(arguments, HostCall(access: access, site: site))
                    }
                case .later(let body):
                    .later { arguments, site, answer in body(arguments, HostCall(access: access, site: site), answer) }
                }
            return Operation(
                name: "\(capability).\(operation.name)", mostArgumentBytes: operation.mostArgumentBytes, body: body)
        }
    }

    /// What is to be known of one operation to offer it elsewhere.
    public struct OperationNote: Sendable, Hashable {
        /// Its name within the capability.
        public let name: String
        /// The most that a script may pass it in one call, in bytes.
        public let mostArgumentBytes: Int
        /// Whether it answers at once.
        public let answersAtOnce: Bool
    }

    /// The index in the table of its first operation.
    public var firstOperation: Int { first }

    /// Its operations, in the order of their indices.
    public var operationNotes: [OperationNote] {
        let prefix = capability.utf8.count + 1
        return operations.map { operation in
            let answersAtOnce = if case .now = operation.body { true } else { false }
            return OperationNote(
                name: String(operation.name.utf8.dropFirst(prefix)) ?? operation.name,
                mostArgumentBytes: operation.mostArgumentBytes, answersAtOnce: answersAtOnce)
        }
    }

    /// The index in the table of each of its operations, by its name within the capability.
    public var operationIndices: [String: Int] {
        let prefix = capability.utf8.count + 1
        let names = operations.map { String($0.name.utf8.dropFirst(prefix)) ?? $0.name }
        return Dictionary(zip(names, operations.indices.map { first + $0 }), uniquingKeysWith: { first, _ in first })
    }

    func operation(_ index: Int) -> Operation? {
        let (place, overflow) = index.subtractingReportingOverflow(first)
        return !overflow && operations.indices.contains(place) ? operations[place] : nil
    }
}
