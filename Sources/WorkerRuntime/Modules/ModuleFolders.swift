// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import HostAPI

/// The folders that modules may be read from, and the only way to read one.
///
/// The kernel resolves each path beneath a folder that was opened when this value was made (`openat2` with
/// RESOLVE_BENEATH), so no `..` and no symbolic link, whenever it was made, leads outside. Links that stay inside
/// work. An absolute link, and one into another of the folders, leaves in the kernel's eyes: it is then resolved
/// by name, and what it names is opened beneath its own folder without following any link.
package final class ModuleFolders: Sendable {
    /// A module's file as it was read.
    package struct File: Hashable, Sendable {
        package let bytes: [UInt8]
        /// The path without symbolic links.
        package let path: String
    }

    private struct Root: ~Copyable, Sendable {
        /// The path as the operator wrote it, and without symbolic links; both without a slash at the end.
        let spelled: String
        let real: String
        let folder: OpenFile
    }

    private final class RootCell: Sendable {
        let root: Root
        init(_ root: consuming Root) { self.root = root }
    }

    /// No folder.
    static let none = ModuleFolders()

    private let roots: [RootCell]
    private let maximumBytes: Int
    private let useOpenAt2: Bool

    private init() {
        roots = []
        maximumBytes = 0
        useOpenAt2 = true
    }

    /// Fails where a path is not an absolute one of a folder that can be opened.
    package convenience init(_ folders: [String], maximumBytes: Int = 256 << 20) throws(ModuleError) {
        try self.init(folders, maximumBytes: maximumBytes, useOpenAt2: true)
    }

    /// `useOpenAt2`: false is what happens on kernels without that call.
    package init(_ folders: [String], maximumBytes: Int, useOpenAt2: Bool) throws(ModuleError) {
        var roots: [RootCell] = []
        for path in folders {
            guard path.utf8.first == UInt8(ascii: "/") else {
                throw ModuleError(.invalidSpecifier, "The folder \(ModuleError.quote(path)) must be an absolute path")
            }
            do {
                let real = try SystemPath.real(path)
                let folder = try OpenFile(real, openForNaming | O_DIRECTORY)
                roots.append(
                    RootCell(Root(spelled: Self.clean(path), real: real == "/" ? "" : real, folder: folder)))
            } catch {
                throw Self.failure(error, path, from: nil)
            }
        }
        self.roots = roots
        self.maximumBytes = max(0, maximumBytes)
        self.useOpenAt2 = useOpenAt2
    }

    /// Reads the module a `file:` URL names.
    package func read(_ url: ModuleURL, from referrer: ModuleURL? = nil) throws(ModuleError) -> File {
        guard let path = url.filePath else { throw Self.notAPath(url) }
        var failure = ModuleError.outsideFolders(path)
        for place in places(of: Self.clean(path)) {
            do throws(SystemError) {
                return try read(open(place), place)
            } catch {
                failure = Self.failure(error, path, from: referrer)
            }
        }
        throw failure
    }

    /// The URL to import instead of one that names no file, where TypeScript's convention applies.
    package func existingTypeScript(for url: ModuleURL, importedFrom referrer: ModuleURL) -> ModuleURL {
        url.existingTypeScript(importedFrom: referrer, isThere: isThere)
    }

    private func isThere(_ url: ModuleURL) -> Bool {
        guard let path = url.filePath else { return false }
        return places(of: Self.clean(path)).contains { place in
            guard let file = try? open(place) else { return false }
            return (try? file.status())?.kind == .regular
        }
    }

    /// Whether the path lies in one of the folders by its name; links are not looked at.
    package func contains(path: String) -> Bool { !places(of: Self.clean(path)).isEmpty }

    // MARK: - Opening

    private typealias Place = (cell: RootCell, path: String)

    /// The folders a clean path is in, and its path within each, the nearest folder first.
    private func places(of path: String) -> [Place] {
        var places: [Place] = []
        for cell in roots {
            for prefix in [cell.root.real, cell.root.spelled] {
                guard let rest = Self.remainder(of: path, after: prefix) else { continue }
                places.append((cell, rest.isEmpty ? "." : rest))
                break
            }
        }
        return places.sorted { $0.path.utf8.count < $1.path.utf8.count }
    }

    private func open(_ place: Place) throws(SystemError) -> OpenFile {
        guard useOpenAt2 else { return try openByName(place) }
        do throws(SystemError) {
            return try OpenFile(beneath: place.cell.root.folder, place.path)
        } catch {
            switch error.number {
            case EXDEV: return try openTarget(of: place)
            case ENOSYS: return try openByName(place)
            default: throw error
            }
        }
    }

    /// For a path that left its folder: right only if it leads into one of the folders. What exists outside is not
    /// told apart from what does not.
    private func openTarget(of place: Place) throws(SystemError) -> OpenFile {
        if let real = try? SystemPath.real(place.cell.root.real + "/" + place.path) {
            for target in places(of: real) {
                if let file = try? OpenFile(beneath: target.cell.root.folder, target.path, followLinks: false) {
                    return file
                }
            }
        }
        throw SystemError(number: EXDEV)
    }

    /// Without `openat2`: resolves the name first, opens the result without following a link in its last
    /// component, and compares. Somebody who may rename folders inside the root at that moment can win a race.
    private func openByName(_ place: Place) throws(SystemError) -> OpenFile {
        let path = place.cell.root.real + "/" + place.path
        do throws(SystemError) {
            let real = try SystemPath.real(path)
            guard !places(of: real).isEmpty else { throw SystemError(number: EXDEV) }
            return try OpenFile(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        } catch {
            guard error.number == ENOENT || error.number == ENOTDIR else { throw error }
            // Do not say what exists outside: the nearest folder that does exist must be inside, and what is missing
            // in it may not be the target of a link.
            var missing = path
            var parent = Self.parent(path)
            while parent != "/", (try? SystemPath.real(parent)) == nil {
                missing = parent
                parent = Self.parent(parent)
            }
            let isLink = (try? OpenFile(missing, openForNaming | O_NOFOLLOW)) != nil
            let real = (try? SystemPath.real(parent)) ?? "/"
            throw contains(path: real) && !isLink ? error : SystemError(number: EXDEV)
        }
    }

    private func read(_ file: borrowing OpenFile, _ place: Place) throws(SystemError) -> File {
        let status = try file.status()
        guard status.kind != .folder else { throw SystemError(number: EISDIR) }
        guard status.kind == .regular else { throw SystemError(number: ENXIO) }
        guard status.size <= maximumBytes, let bytes = try file.readAll(expecting: status.size, limit: maximumBytes)
        else { throw SystemError(number: EFBIG) }
        let path = place.cell.root.real + "/" + place.path
        return File(bytes: bytes, path: (try? SystemPath.real(path)) ?? path)
    }
}

// MARK: - Names and errors

extension ModuleFolders {
    /// Without dots, double slashes and a slash at the end; empty for the root folder.
    private static func clean(_ path: String) -> String {
        var parts: [Substring.UTF8View] = []
        for part in path.utf8.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual("..".utf8) {
                _ = parts.popLast()
            } else if !part.elementsEqual(".".utf8) {
                parts.append(part)
            }
        }
        return parts.map { "/" + String(Substring($0)) }.joined()
    }

    private static func parent(_ path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private static func remainder(of path: String, after prefix: String) -> String? {
        guard path.utf8.starts(with: prefix.utf8) else { return nil }
        let rest = path.utf8.dropFirst(prefix.utf8.count)
        guard rest.isEmpty || rest.first == UInt8(ascii: "/") else { return nil }
        return String(Substring(rest.dropFirst()))
    }

    private static func notAPath(_ url: ModuleURL) -> ModuleError {
        if url.scheme != "file" { return .unsupportedScheme(url) }
        return ModuleError(
            .invalidSpecifier,
            "\(ModuleError.quote(url.text)) names no file here: a host, an encoded slash or NUL, or a path not in UTF-8"
        )
    }

    private static func failure(_ error: SystemError, _ path: String, from referrer: ModuleURL?) -> ModuleError {
        let name = ModuleError.quote(path)
        switch error.number {
        case ENOENT, ENOTDIR, ENAMETOOLONG: return .notFound(path, from: referrer)
        case EXDEV: return .outsideFolders(path)
        case ELOOP:
            return ModuleError(.readFailed, "Cannot read \(name): its symbolic links go round in a circle")
        case EISDIR:
            return ModuleError(.isFolder, "\(name) is a folder. Import a file in it, such as index.js, by its name")
        case EACCES, EPERM:
            return ModuleError(.noPermission, "\(name) may not be read by this process. Change its permissions")
        case ENXIO, ENODEV: return ModuleError(.notRegularFile, "\(name) is a device, pipe or socket, not a file")
        case EFBIG: return ModuleError(.tooLarge, "\(name) is larger than a module may be")
        default: return ModuleError(.readFailed, "Cannot read \(name): \(error)")
        }
    }
}
