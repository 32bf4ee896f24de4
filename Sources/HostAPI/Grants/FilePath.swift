// SPDX-License-Identifier: Apache-2.0

/// A path as its components, without `.`, `..` and empty ones; no components are the folder that paths begin from.
///
/// Compared byte by byte: to Swift's `==` of strings, texts are equal that name different files.
struct FilePath: Sendable, Hashable {
    let components: [[UInt8]]

    init(_ components: some Sequence<[UInt8]>) { self.components = Array(components) }

    /// Reads a path. `..` takes a component away, and may not lead above where paths begin.
    /// - Parameter current: where paths without a leading slash begin.
    /// - Returns: `nil` for a path that is empty, leads out, holds NUL, or is longer than the system takes.
    init?(_ text: String, in current: FilePath = FilePath([])) {
        guard (1...4095).contains(text.utf8.count), !text.utf8.contains(0) else { return nil }
        var components = text.utf8.first == UInt8(ascii: "/") ? [] : current.components
        for part in text.utf8.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            if part.elementsEqual("..".utf8) {
                guard components.popLast() != nil else { return nil }
            } else {
                guard part.count <= 255 else { return nil }
                components.append(Array(part))
            }
        }
        self.components = components
    }

    /// Whether this is the other path or a folder above it.
    func contains(_ other: FilePath) -> Bool { other.components.starts(with: components) }

    /// The rest of a path in this one.
    func remainder(of other: FilePath) -> FilePath { FilePath(other.components.dropFirst(components.count)) }

    /// Joined by slashes, without one in front; `.` for no components.
    var relative: String {
        components.isEmpty ? "." : components.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    }

    /// The folder it is in, and its name there; `nil` where there is no name.
    var split: (folder: FilePath, name: String)? {
        components.last.map { (FilePath(components.dropLast()), String(decoding: $0, as: UTF8.self)) }
    }
}
