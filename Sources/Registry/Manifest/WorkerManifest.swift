// SPDX-License-Identifier: Apache-2.0

/// Everything that a version of a worker is: what is deployed.
public struct WorkerManifest: Sendable, Hashable {
    /// How far a worker is trusted not to attack the process.
    public enum Trust: String, Sendable, CaseIterable {
        /// Not at all: it never shares a process with trusted ones, where there are several.
        case low
        /// As the operator's own.
        case high
    }

    /// The name of the module with the handlers.
    public var main: String
    /// Sources by the names of their modules: relative paths.
    public var modules: [String: String]
    /// What `env` holds, by name.
    public var bindings: [String: WorkerBinding]
    /// What it may use.
    public var limits: WorkerLimits
    /// When `scheduled` is called.
    public var crons: [CronExpression]
    /// Whether other workers may import its modules.
    public var isPublic: Bool
    /// How far it is trusted.
    public var trust: Trust

    /// A manifest. It is checked when it is deployed.
    public init(
        main: String, modules: [String: String], bindings: [String: WorkerBinding] = [:],
        limits: WorkerLimits = WorkerLimits(), crons: [CronExpression] = []
    ) {
        self.main = main
        self.modules = modules
        self.bindings = bindings
        self.limits = limits
        self.crons = crons
        isPublic = false
        trust = .low
    }

    /// Reads and checks the JSON of a deployment.
    /// - Throws: `ManifestError` for the first thing that is wrong: an unknown member too.
    public init(json: [UInt8], rules: ManifestRules = ManifestRules()) throws(ManifestError) {
        guard json.count <= rules.mostManifestBytes else {
            throw ManifestError("", "a manifest of more than \(rules.mostManifestBytes) bytes", kind: .tooLarge)
        }
        let reader = try ManifestReader(try JSONValue(parsing: json), members: Self.settings + ["modules"])
        guard let sources = try reader.object("modules") else {
            throw ManifestError("modules", "an object of sources by the names of modules is needed here")
        }
        var modules: [String: String] = [:]
        for name in sources.names { modules[name] = try sources.text(name) }
        try self.init(reader, modules: modules)
        try check(rules)
    }

    private static let settings = ["main", "bindings", "limits", "crons", "public", "trust"]

    /// - Parameter settings: everything but the modules.
    init(settings: [UInt8], modules: [String: String]) throws(ManifestError) {
        try self.init(
            try ManifestReader(try JSONValue(parsing: settings), members: Self.settings), modules: modules)
    }

    private init(_ reader: ManifestReader, modules: [String: String]) throws(ManifestError) {
        self.init(main: try reader.text("main"), modules: modules)
        if let reader = try reader.object("bindings") {
            for name in reader.names {
                guard let value = reader.value(name) else { continue }
                bindings[name] = try WorkerBinding(value, at: reader.path(of: name))
            }
        }
        if let reader = try reader.object("limits", members: WorkerLimits.members) {
            limits = try WorkerLimits(reader)
        }
        for (index, text) in try reader.texts("crons").enumerated() {
            do throws(CronError) {
                crons.append(try CronExpression(text))
            } catch {
                throw ManifestError("crons[\(index)]", error.description)
            }
        }
        isPublic = try reader.boolean("public", or: false)
        trust = try reader.choice("trust", or: .low)
    }

    /// Everything but the sources and the values of secrets, as JSON in the words of a deployment.
    public var settings: [UInt8] {
        get throws(ManifestError) {
            var shown: [String: JSONValue] = [:]
            for (name, binding) in bindings { shown[name] = try binding.json }
            return try JSONValue.object([
                "main": .text(main), "bindings": .object(shown), "limits": limits.json,
                "crons": .list(crons.map { .text($0.description) }), "public": .boolean(isPublic),
                "trust": .text(trust.rawValue),
            ]).bytes
        }
    }

    /// The bytes of all sources.
    public var sourceBytes: Int { modules.values.reduce(0) { $0 + $1.utf8.count } }

    /// Refuses what a host cannot serve, or its operator does not allow.
    /// - Throws: `ManifestError`.
    public func check(_ rules: ManifestRules) throws(ManifestError) {
        guard modules.count <= rules.mostModules else {
            throw ManifestError("modules", "more than \(rules.mostModules) modules; bundle them", kind: .tooLarge)
        }
        for name in modules.keys.sorted() {
            guard let fault = ModuleName.fault(of: name) else { continue }
            throw ManifestError(ManifestError.member(name, of: "modules"), fault)
        }
        guard modules[main] != nil else {
            throw ManifestError("main", "there is no module \(quote(main)) among the modules")
        }
        guard sourceBytes <= rules.mostSourceBytes else {
            throw ManifestError(
                "modules", "\(sourceBytes) bytes of source; at most \(rules.mostSourceBytes) are allowed",
                kind: .tooLarge)
        }
        guard bindings.count <= rules.mostBindings else {
            throw ManifestError("bindings", "more than \(rules.mostBindings) bindings", kind: .tooLarge)
        }
        for (name, binding) in bindings.sorted(by: { $0.key < $1.key }) {
            let path = ManifestError.member(name, of: "bindings")
            guard Self.isBindingName(name) else {
                throw ManifestError(
                    path, "the name of a binding has letters, digits and underscores, and begins with no digit")
            }
            try binding.check(name: name, path: path, rules)
        }
        try limits.check(most: rules.most)
        guard crons.count <= rules.mostCrons else {
            throw ManifestError("crons", "more than \(rules.mostCrons) cron expressions", kind: .tooLarge)
        }
        for (index, cron) in crons.enumerated() where crons[..<index].contains(cron) {
            throw ManifestError("crons[\(index)]", "\(quote(cron.description)) is there twice")
        }
    }

    /// What can be written as `env.NAME`. `__proto__` would be another thing in a copy of `env`.
    static func isBindingName(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 128, name != "__proto__" else { return false }
        return !(0x30...0x39).contains(first)
            && name.utf8.allSatisfy {
                (0x61...0x7a).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
            }
    }
}
