// SPDX-License-Identifier: Apache-2.0

/// A module that is to be run once, with what it may use.
public struct RunManifest: Sendable {
    /// What a source is written in; the names are those of files' endings.
    public enum Language: String, Sendable, CaseIterable {
        /// JavaScript.
        case js, mjs
        /// TypeScript.
        case ts, mts
        /// TypeScript and JavaScript with JSX.
        case tsx, jsx
    }

    /// What runs may say and use.
    public struct Rules: Sendable {
        /// The largest limits, and the capabilities that may be granted: none, unless they are allowed.
        public var manifest = ManifestRules.withoutCapabilities
        /// The limits of a run that names none: as those of `rookery run`, but 1 s of CPU and 30 s.
        public var standard = WorkerLimits()
        /// The most bytes of a source.
        public var mostSourceBytes = 1 << 20
        /// The most arguments, and the most variables of the environment.
        public var mostTexts = 1000

        /// At most 512 MiB, 10 s of CPU, 60 s, 1 MiB of log.
        public init() {
            standard.cpuMilliseconds = 1000
            manifest.most.memoryMiB = 512
            manifest.most.cpuMilliseconds = 10_000
            manifest.most.wallMilliseconds = 60_000
            manifest.most.logBytes = 1 << 20
        }

        /// The most bytes of a run as JSON.
        public var mostBytes: Int { 2 * mostSourceBytes + (1 << 20) }
    }

    /// The module.
    public var source: String
    /// What it is written in.
    public var language = Language.js
    /// What it may use.
    public var limits: WorkerLimits
    /// What it is granted, in the order of the names.
    public private(set) var grants: [(name: String, binding: WorkerBinding)] = []
    /// What `process.argv` shows after the program's file.
    public var arguments: [String] = []
    /// What `process.env` shows beside the texts among the grants.
    public private(set) var environment: [(name: String, value: String)] = []

    /// Reads and checks the JSON of a run:
    /// `{"source":…,"language":…,"limits":{…},"grants":{…},"arguments":[…],"env":{…}}`; all but the source may be
    /// absent, and the language is JavaScript then.
    /// - Throws: `ManifestError` for the first thing that is wrong: an unknown member too.
    public init(json: [UInt8], rules: Rules = Rules()) throws(ManifestError) {
        guard json.count <= rules.mostBytes else {
            throw ManifestError("", "a run of more than \(rules.mostBytes) bytes", kind: .tooLarge)
        }
        let reader = try ManifestReader(
            try JSONValue(parsing: json),
            members: ["source", "language", "limits", "grants", "arguments", "env"])
        source = try reader.text("source")
        guard source.utf8.count <= rules.mostSourceBytes else {
            throw ManifestError("source", "more than \(rules.mostSourceBytes) bytes", kind: .tooLarge)
        }
        language = try reader.choice("language", or: .js)
        limits = rules.standard
        if let reader = try reader.object("limits", members: WorkerLimits.membersOfRuns) {
            limits = try WorkerLimits(reader, or: rules.standard)
        }
        try limits.check(most: rules.manifest.most)
        try readGrants(reader, rules.manifest)
        arguments = try reader.texts("arguments")
        if let reader = try reader.object("env") {
            for name in reader.names { environment.append((name, try reader.text(name))) }
        }
        for (path, count) in [("arguments", arguments.count), ("env", environment.count)] where count > rules.mostTexts
        {
            throw ManifestError(path, "more than \(rules.mostTexts) texts", kind: .tooLarge)
        }
    }

    private mutating func readGrants(_ reader: ManifestReader, _ rules: ManifestRules) throws(ManifestError) {
        guard let reader = try reader.object("grants") else { return }
        guard reader.names.count <= rules.mostBindings else {
            throw ManifestError("grants", "more than \(rules.mostBindings) bindings", kind: .tooLarge)
        }
        for name in reader.names {
            guard let value = reader.value(name) else { continue }
            let path = reader.path(of: name)
            guard WorkerManifest.isBindingName(name) else {
                throw ManifestError(
                    path, "the name of a binding has letters, digits and underscores, and begins with no digit")
            }
            let binding = try WorkerBinding(value, at: path)
            if case .worker = binding { throw ManifestError(path, "a single run has no other workers") }
            try binding.check(name: name, path: path, rules)
            grants.append((name, binding))
        }
    }
}
