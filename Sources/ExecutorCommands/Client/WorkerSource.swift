// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import Registry
internal import WorkerRuntime

/// The sources of a worker on the command line: an entry, or a folder that has one.
struct WorkerSource: Sendable {
    /// The project's folder: absolute, without symbolic links.
    let folder: String
    /// Relative to the folder.
    let entry: String
    /// What `rookery.json` says; nothing for an entry.
    var project: WorkerProject
    /// Whether the folder is a project's, and so has nothing but its files.
    let isProject: Bool

    private static let endings = ["ts", "tsx", "js", "mjs", "jsx"]

    /// - Throws: `CommandEnded`, wrong usage.
    init(_ name: String) throws {
        let file = try OperatorFile(name)
        if (try? file.requireFolder()) != nil {
            folder = file.path
            isProject = true
            (project, entry) = try Self.read(file.path, name: name)
        } else {
            try file.requireReadable()
            project = WorkerProject()
            let root = Self.projectFolder(of: file.folder)
            isProject = root != nil
            folder = root ?? file.folder
            entry = PathText.relative(file.path, to: folder)
        }
        guard let ending = entry.split(separator: ".").last, Self.endings.contains(String(ending)) || ending == "mts"
        else {
            throw CommandEnded(.wrongUsage, "\(name): is no worker. Give an ES module: .ts .tsx .mts .js .mjs .jsx")
        }
    }

    /// The nearest folder above that says it is one's.
    private static func projectFolder(of folder: String) -> String? {
        var folder = folder
        while folder != "/" {
            if [WorkerProject.fileName, "package.json"].contains(where: { isFile("\(folder)/\($0)") }) {
                return folder
            }
            folder = PathText.absolute("..", in: folder)
        }
        return nil
    }

    private static func read(_ folder: String, name: String) throws -> (WorkerProject, String) {
        var project = WorkerProject()
        let path = "\(folder)/\(WorkerProject.fileName)"
        if isFile(path) {
            let text = try OperatorFile(path).read()
            do throws(ManifestError) {
                project = try WorkerProject(json: text)
            } catch {
                throw CommandEnded(.wrongUsage, "\(name)/\(WorkerProject.fileName): \(error)")
            }
        }
        if let main = project.main {
            return (project, try self.entry(main, in: folder, of: "\(name)/\(WorkerProject.fileName)"))
        }
        if isFile("\(folder)/package.json"), let main = try packageMain(folder, name: name) {
            return (project, try entry(main, in: folder, of: "\(name)/package.json"))
        }
        for stem in ["index", "src/index"] {
            if let found = endings.map({ "\(stem).\($0)" }).first(where: { isFile("\(folder)/\($0)") }) {
                return (project, found)
            }
        }
        throw CommandEnded(
            .wrongUsage,
            "\(name): has no entry. Name it as \"main\" in \(WorkerProject.fileName), or have an index.ts")
    }

    private static func packageMain(_ folder: String, name: String) throws -> String? {
        struct Package: Decodable { let main: String? }
        let text = try OperatorFile("\(folder)/package.json").read()
        do {
            return try JSONDecoder().decode(Package.self, from: Data(text)).main
        } catch {
            throw CommandEnded(.wrongUsage, "\(name)/package.json: is no JSON with a text as \"main\"")
        }
    }

    private static func entry(_ main: String, in folder: String, of file: String) throws -> String {
        let path = PathText.absolute(main, in: folder)
        guard isFile(path) else {
            throw CommandEnded(.wrongUsage, "\(file): main: there is no file \"\(TerminalText.line(main))\"")
        }
        return PathText.relative(path, to: folder)
    }

    private static func isFile(_ path: String) -> Bool {
        (try? OperatorFile(path).requireReadable()) != nil
    }
}
