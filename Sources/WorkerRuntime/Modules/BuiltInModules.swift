// SPDX-License-Identifier: Apache-2.0
internal import Isolates

/// Rookery's own modules, by what follows `rookery:`.
enum BuiltInModules {
    private static let sources = [
        "process": "export const { argv, env } = process; export const args = argv.slice(2); export default process;"
    ]

    /// The others: functions of the prelude that return their default exports.
    private static let values = ["env": "makeEnv", "files": "filesModule"]

    /// The module, where the prelude has it.
    static func value(_ url: ModuleURL) -> LoadedModule? {
        url.scheme == "rookery" ? values[url.path].map { .value(.prelude($0)) } : nil
    }

    /// The source of one of the others.
    static func source(_ url: ModuleURL) throws(ModuleError) -> [UInt8] {
        guard let source = sources[url.path] else { throw .notFound(url.text, from: nil) }
        return Array(source.utf8)
    }
}
