// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// What `rookery.json` says of a worker whose modules are made from its folder, and what a command line says beside it.
///
/// Its members are those of a deployment, without the modules and with the name. What is said is read as the server
/// reads it, so that a wrong member is found before anything is sent; how much is allowed only the server knows.
package struct WorkerProject: Sendable {
    /// The file's name in a project's folder.
    package static let fileName = "rookery.json"

    /// The worker's name.
    package private(set) var name: WorkerName?
    /// The entry, relative to the folder.
    package private(set) var main: String?
    private var bindings: [String: JSONValue] = [:]
    private var limits: [String: JSONValue] = [:]
    private var crons: [String] = []
    private var trust: JSONValue?
    /// Whether other workers may import its modules.
    package var isPublic = false

    /// Nothing is said.
    package init() {}

    /// What the file says.
    package init(json: [UInt8]) throws(ManifestError) {
        let reader = try ManifestReader(
            try JSONValue(parsing: json),
            members: ["name", "main", "bindings", "limits", "crons", "public", "trust"])
        if let text = try reader.optionalText("name") {
            do throws(ManifestError) {
                name = try WorkerName(text)
            } catch {
                throw error.within("name")
            }
        }
        main = try reader.optionalText("main")
        if let value = reader.value("bindings") { try add(bindings: value, at: "bindings") }
        if let value = reader.value("limits") { try add(limits: value) }
        for (index, cron) in try reader.texts("crons").enumerated() {
            do throws(CronError) {
                _ = try CronExpression(cron)
            } catch {
                throw ManifestError("crons[\(index)]", error.description)
            }
            crons.append(cron)
        }
        isPublic = try reader.boolean("public", or: false)
        _ = try reader.choice("trust", or: WorkerManifest.Trust.low)
        trust = reader.value("trust")
    }

    /// Adds bindings from the text of an object of them by name; they come before those of the same name.
    package mutating func add(bindings json: [UInt8]) throws(ManifestError) {
        try add(bindings: try JSONValue(parsing: json), at: "")
    }

    private mutating func add(bindings value: JSONValue, at path: String) throws(ManifestError) {
        let reader = try ManifestReader(value, at: path)
        for name in reader.names {
            guard let value = reader.value(name) else { continue }
            _ = try WorkerBinding(value, at: reader.path(of: name))
            bindings[name] = value
        }
    }

    /// Adds limits from the text of an object; they come before those of the same name.
    package mutating func add(limits json: [UInt8]) throws(ManifestError) {
        try add(limits: try JSONValue(parsing: json))
    }

    /// Adds a limit, such as `cpuMilliseconds` with `50`, or `mode` with `fresh`.
    package mutating func add(limit name: String, value: String) throws(ManifestError) {
        try add(limits: .object([name: Int(value).map(JSONValue.integer) ?? .text(value)]))
    }

    private mutating func add(limits value: JSONValue) throws(ManifestError) {
        let reader = try ManifestReader(value, at: "limits", members: WorkerLimits.members)
        _ = try WorkerLimits(reader)
        for name in reader.names { limits[name] = reader.value(name) }
    }

    /// Adds when `scheduled` is called; what is there already stays once.
    package mutating func add(cron: String) throws(ManifestError) {
        do throws(CronError) {
            _ = try CronExpression(cron)
        } catch {
            throw ManifestError("", error.description)
        }
        if !crons.contains(cron) { crons.append(cron) }
    }

    /// The JSON of a deployment with these modules.
    package func deployment(main: String, modules: [String: String]) throws(ManifestError) -> [UInt8] {
        var members: [String: JSONValue] = [
            "main": .text(main), "modules": .object(modules.mapValues(JSONValue.text)),
            "bindings": .object(bindings), "limits": .object(limits), "crons": .list(crons.map(JSONValue.text)),
            "public": .boolean(isPublic),
        ]
        members["trust"] = trust
        return try JSONValue.object(members).bytes
    }
}
