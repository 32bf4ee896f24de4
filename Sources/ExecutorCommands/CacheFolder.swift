// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import WorkerRuntime

/// Where Rookery keeps what it can make again: `$ROOKERY_CACHE`, `$XDG_CACHE_HOME/rookery` or
/// `~/.cache/rookery`. Without a usable folder nothing is kept.
struct CacheFolder {
    let store: ContentStore?

    init() {
        if let folder = Environment["ROOKERY_CACHE"] {
            store = ContentStore(folder: folder)
        } else if let folder = Environment["XDG_CACHE_HOME"] {
            store = ContentStore(folder: folder + "/rookery")
        } else if let home = Environment["HOME"] {
            store = ContentStore(folder: home + "/.cache/rookery")
        } else {
            store = nil
        }
    }
}

/// The process's environment.
enum Environment {
    /// A variable's value, where it is set and not empty.
    static subscript(name: String) -> String? {
        let value = ProcessInfo.processInfo.environment[name]
        return value?.isEmpty == true ? nil : value
    }
}
