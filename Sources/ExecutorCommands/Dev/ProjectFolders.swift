// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import WorkerRuntime

/// Which folders hold what a worker is made of.
struct ProjectFolders {
    /// Those of the project, packages and hidden ones left out, and those of the bundle's own files.
    static func of(_ source: WorkerSource, inputs: [String]) -> Set<String> {
        var folders: Set<String> = [source.folder]
        folders.insert(PathText.absolute("..", in: PathText.absolute(source.entry, in: source.folder)))
        for input in inputs where !input.contains("/node_modules/") {
            folders.insert(PathText.absolute("..", in: input))
        }
        guard source.isProject else { return folders }
        var left = [source.folder]
        while let folder = left.popLast(), folders.count < FolderWatch.mostFolders {
            folders.insert(folder)
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
                guard !name.hasPrefix("."), name != "node_modules" else { continue }
                let path = "\(folder)/\(name)"
                let attributes = try? FileManager.default.attributesOfItem(atPath: path)
                if attributes?[.type] as? FileAttributeType == .typeDirectory { left.append(path) }
            }
        }
        return folders
    }
}
