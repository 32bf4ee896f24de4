// SPDX-License-Identifier: Apache-2.0
package import Isolates

/// What a module is the same by: two imports with one key are one module.
package struct ModuleKey: Hashable, Sendable {
    package let url: ModuleURL
    package let kind: ModuleKind

    package init(url: ModuleURL, kind: ModuleKind) {
        self.url = url
        self.kind = kind
    }
}

/// What a loader makes of a module's bytes.
package enum LoadedModule: Sendable {
    /// JavaScript, with the map to the source it was compiled from.
    case source([UInt8], map: SourceMap?)
    /// A value that becomes the `default` export.
    case value(ScriptValue)
}

/// Finds and reads modules. Reading happens off the isolate's thread.
package protocol ModuleLoader: Sendable {
    /// The URL that a specifier names in `referrer`, whether or not there is a module.
    func url(of specifier: String, from referrer: ModuleURL) throws(ModuleError) -> ModuleURL

    /// The module that a specifier names in `referrer`. The same question has the same answer.
    func resolve(
        _ specifier: String, attributes: [String: String], from referrer: ModuleURL
    ) throws(ModuleError) -> ModuleKey

    /// Reads modules, in the order of the keys.
    func load(_ keys: [ModuleKey]) async -> [Result<LoadedModule, ModuleError>]
}
