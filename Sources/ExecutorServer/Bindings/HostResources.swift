// SPDX-License-Identifier: Apache-2.0
public import Egress
internal import FoundationEssentials
public import HostAPI
public import KeyValueDatabase
internal import Synchronization

/// What a process has to grant: made once, shared by all workers, and of each thing only when somebody is granted it.
public final class HostResources: Sendable {
    /// Where the folders of `files` bindings are.
    public enum FilesPlace: Sendable, Hashable {
        /// Nowhere: no files are granted.
        case nowhere
        /// Paths of all workers are beneath this folder. `current`: where relative ones begin, beneath it.
        case shared(String, current: String = ".")
        /// Paths of a worker are beneath the folder of its name in this one, which is made with the first grant.
        case perWorker(String)
    }

    /// What there is.
    public struct Options: Sendable {
        /// How the network is used.
        public var egress = HTTPEgress.Options()
        /// The database of all namespaces of `kv`; `nil` keeps them in memory.
        public var keyValueFile: String?
        /// How that database is used.
        public var keyValue = DatabaseKeyValueStore.Options()
        /// Hears of each fault of that database, from any thread.
        public var onKeyValueFault: @Sendable (DatabaseStoreError) -> Void = { _ in }
        /// Where the folders of `files` bindings are.
        public var files = FilesPlace.nowhere
        /// The variables that `env` bindings may name.
        public var environment: [String: String] = [:]
        /// Where the lines of `log` bindings go. From any thread: return soon.
        public var log: @Sendable (LogLine) -> Void = { _ in }
        /// Serves requests of workers to each other; `nil` where there are no others.
        public var services: Services.Server?
        /// An embedder's own, which are told apart by name from those that are here.
        public var capabilities: [any Capability] = []

        /// Nothing but clocks, random numbers, the network, and `kv` in memory.
        public init() {}
    }

    private struct State {
        var egress: HTTPEgress?
        var database: DatabaseKeyValueStore?
        var tables: [String: HostTable] = [:]
    }

    private let options: Options
    private let state = Mutex(State())

    /// Nothing is opened yet.
    public init(_ options: Options = Options()) { self.options = options }

    /// Grants a capability under a name, with a grant as an operator wrote it.
    /// - Parameters:
    ///   - type: the capability's name.
    ///   - name: what the script knows it by.
    ///   - json: the grant.
    ///   - worker: whose it becomes.
    ///   - secrets: that worker's.
    /// - Throws: `GrantError` where there is no such capability, or the grant is malformed or cannot be used.
    public func bind(
        _ type: String, as name: String, json: [UInt8], for worker: String = "", _ secrets: Secrets = .none
    ) throws(GrantError) -> HostBinding {
        try table(of: type, worker, secrets).bind(type, as: name, json: json)
    }

    /// Grants a capability under a name.
    /// - Throws: `GrantError` where there is no such capability, or what the grant names cannot be used.
    public func bind<C: Capability>(
        _ capability: C.Type, as name: String, grant: C.Grant, for worker: String = "", _ secrets: Secrets = .none
    ) throws(GrantError) -> HostBinding {
        try table(of: C.name, worker, secrets).bind(C.self, as: name, grant: grant)
    }

    /// Ends what was opened: requests under way, connections, the database.
    public func close() async {
        let (egress, database) = state.withLock { state in
            defer { state = State() }
            return (state.egress, state.database)
        }
        await egress?.shutdown()
        await database?.close()
    }

    // MARK: Tables

    /// The names of the capabilities that are here.
    private static let known = [
        Environment.name, Fetch.name, Files.name, KeyValue.name, Log.name, Random.name, Services.name, WallClock.name,
        WebSockets.name,
    ]

    /// A table of one capability. All workers share it, unless it knows a worker's secrets or folder.
    private func table(of type: String, _ worker: String, _ secrets: Secrets) throws(GrantError) -> HostTable {
        let isOwn: Bool
        switch type {
        case Environment.name, Fetch.name, Log.name, WebSockets.name: isOwn = !secrets.names.isEmpty
        case Files.name: isOwn = true
        default: isOwn = false
        }
        if !isOwn, let table = state.withLock({ $0.tables[type] }) { return table }
        let table = try HostTable([try capability(type, worker, secrets)])
        if !isOwn { state.withLock { $0.tables[type] = table } }
        return table
    }

    private func capability(
        _ type: String, _ worker: String, _ secrets: Secrets
    ) throws(GrantError) -> any Capability {
        switch type {
        case Environment.name: return Environment(options.environment, secrets: secrets)
        case Fetch.name: return Fetch(try egress(), secrets: secrets)
        case Files.name: return try files(worker)
        case KeyValue.name: return try keyValue()
        case Log.name: return Log(redacting: secrets, to: options.log)
        case Random.name: return Random()
        case WallClock.name: return WallClock()
        case WebSockets.name: return WebSockets(try egress(), secrets: secrets)
        case Services.name:
            guard let server = options.services else { throw GrantError("there are no other workers here to call") }
            return Services(server)
        default:
            if let own = options.capabilities.first(where: { Swift.type(of: $0).name == type }) { return own }
            let names = (Self.known + options.capabilities.map { Swift.type(of: $0).name }).sorted()
            throw GrantError(
                "there is no capability \(HostError.quote(type)); there are \(names.joined(separator: ", "))")
        }
    }

    private func egress() throws(GrantError) -> HTTPEgress {
        try opened(\.egress) { () throws(GrantError) in try HTTPEgress(options.egress) }
    }

    private func keyValue() throws(GrantError) -> KeyValue {
        guard let file = options.keyValueFile else { return KeyValue(MemoryKeyValueStore()) }
        let database = try opened(\.database) { () throws(GrantError) in
            do throws(DatabaseStoreError) {
                return try DatabaseKeyValueStore(
                    path: file, options: options.keyValue, onFault: options.onKeyValueFault)
            } catch {
                throw GrantError(error.description)
            }
        }
        return KeyValue(database)
    }

    /// Opened under the lock: nobody shall open it twice.
    private func opened<Resource: Sendable>(
        _ place: any WritableKeyPath<State, Resource?> & Sendable, _ open: () throws(GrantError) -> Resource
    ) throws(GrantError) -> Resource {
        let result = state.withLock { state -> Result<Resource, GrantError> in
            if let resource = state[keyPath: place] { return .success(resource) }
            do throws(GrantError) {
                let resource = try open()
                state[keyPath: place] = resource
                return .success(resource)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func files(_ worker: String) throws(GrantError) -> Files {
        switch options.files {
        case .nowhere:
            throw GrantError("no files are granted here: the operator has named no folder for them")
        case .shared(let folder, let current): return try Files(base: folder, current: current)
        case .perWorker(let folder):
            let own = "\(folder)/\(worker)"
            do {
                try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
            } catch {
                throw GrantError("the folder of the worker's files cannot be made: \(own)")
            }
            return try Files(base: own)
        }
    }
}
