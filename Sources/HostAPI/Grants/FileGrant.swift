// SPDX-License-Identifier: Apache-2.0

/// The grant of files: what may be read, what may be written, and how much may be kept.
///
/// Paths are those that scripts use: beneath the folder that the capability was made for. A path grants itself and, if
/// it is a folder, all beneath it; `.` grants everything. Writing does not include reading.
public struct FileGrant: HostGrant, Hashable {
    /// What may be read and listed.
    public var read: [String]
    /// What may be written, made, renamed and removed.
    public var write: [String]
    /// The most bytes that files under `write` may have together; `nil` is no limit.
    public var mostBytes: Int?
    /// The most files and folders there may be under `write`; `nil` is no limit.
    public var mostFiles: Int?

    /// A grant of these paths.
    public init(read: [String] = [], write: [String] = [], mostBytes: Int? = nil, mostFiles: Int? = nil) {
        self.read = read
        self.write = write
        self.mostBytes = mostBytes
        self.mostFiles = mostFiles
    }

    /// What both grant: of two paths the one within the other, and the smaller quotas.
    public func narrowed(by other: FileGrant) -> FileGrant {
        FileGrant(
            read: Self.both(read, other.read), write: Self.both(write, other.write),
            mostBytes: Self.least(mostBytes, other.mostBytes), mostFiles: Self.least(mostFiles, other.mostFiles))
    }

    /// Whether a path may be read.
    public func allowsReading(_ path: String) -> Bool { Self.contains(read, path) }

    /// Whether a path may be written.
    public func allowsWriting(_ path: String) -> Bool { Self.contains(write, path) }

    private static func contains(_ granted: [String], _ path: String) -> Bool {
        guard let path = FilePath(path) else { return false }
        return granted.contains { FilePath($0)?.contains(path) ?? false }
    }

    private static func both(_ left: [String], _ right: [String]) -> [String] {
        var both: [FilePath] = []
        for left in left.compactMap({ FilePath($0) }) {
            for right in right.compactMap({ FilePath($0) }) {
                guard left.contains(right) || right.contains(left) else { continue }
                let inner = left.contains(right) ? right : left
                if !both.contains(inner) { both.append(inner) }
            }
        }
        return both.map(\.relative)
    }

    private static func least(_ left: Int?, _ right: Int?) -> Int? {
        guard let left, let right else { return left ?? right }
        return min(left, right)
    }

    /// Decodes `{"read":[…],"write":[…],"mostBytes":…,"mostFiles":…}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(["read", "write", "mostBytes", "mostFiles"])
        read = try container.value("read", or: [])
        write = try container.value("write", or: [])
        mostBytes = try container.value("mostBytes", or: nil)
        mostFiles = try container.value("mostFiles", or: nil)
        for path in read + write where FilePath(path) == nil {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: container.codingPath,
                    debugDescription: "\(HostError.quote(path)) is no path beneath the folder of this grant"))
        }
    }

    /// Encodes all that is given.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: GrantKey.self)
        try container.encode(read, forKey: GrantKey("read"))
        try container.encode(write, forKey: GrantKey("write"))
        try container.encodeIfPresent(mostBytes, forKey: GrantKey("mostBytes"))
        try container.encodeIfPresent(mostFiles, forKey: GrantKey("mostFiles"))
    }
}
