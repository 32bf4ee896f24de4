// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import HostAPI

/// Paths as texts: nothing is looked up.
package enum PathText {
    /// The absolute path without dots that a path means in a folder.
    package static func absolute(_ path: String, in folder: String) -> String {
        var parts: [Substring] = path.utf8.first == UInt8(ascii: "/") ? [] : folder.split(separator: "/")
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// An absolute path as one that is relative to an absolute folder.
    package static func relative(_ path: String, to folder: String) -> String {
        let path = path.split(separator: "/")
        let folder = folder.split(separator: "/")
        let common = zip(path, folder).prefix { $0 == $1 }.count
        let up = Array(repeating: Substring(".."), count: folder.count - common)
        return (up + path[common...]).joined(separator: "/")
    }

    /// A path below a folder as the same below another; others stay.
    static func absolute(_ path: String, moved folder: String, to other: String) -> String {
        guard folder != other, path.hasPrefix(folder + "/") else { return path }
        return other + path.dropFirst(folder.count)
    }
}

/// Source files of whoever runs the program.
enum TextFile {
    /// The whole file; nil where it cannot be read, or is no source.
    static func read(_ path: String) -> [UInt8]? {
        guard let file = try? OpenFile(path, O_RDONLY | O_NONBLOCK), let status = try? file.status(),
            status.kind == .regular
        else {
            return nil
        }
        return try? file.readAll(expecting: status.size, limit: 32 << 20)
    }
}
