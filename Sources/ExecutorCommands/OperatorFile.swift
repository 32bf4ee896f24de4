// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import WorkerRuntime

/// A file or folder that the operator named on the command line; what is wrong with it is wrong usage.
struct OperatorFile {
    /// As given, for messages.
    let name: String
    /// Absolute, without symbolic links.
    let path: String

    /// Finds the file or folder.
    init(_ name: String) throws {
        self.name = name
        guard !name.utf8.contains(0), let real = unsafe realpath(name, nil) else {
            throw CommandEnded(.wrongUsage, "\(name): \(Self.systemMessage(errno))")
        }
        defer { unsafe free(real) }
        path = unsafe String(cString: real)
    }

    /// The folder that the file is in.
    var folder: String {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        return end == path.startIndex ? "/" : String(path[..<end])
    }

    /// The module URL of the file.
    func url() throws -> ModuleURL {
        guard let url = ModuleURL(filePath: path) else {
            throw CommandEnded(.wrongUsage, "\(name): this path cannot be a module's URL")
        }
        return url
    }

    /// Checks that it is a folder.
    func requireFolder() throws {
        guard try mode() & S_IFMT == S_IFDIR else { throw CommandEnded(.wrongUsage, "\(name): is not a folder") }
    }

    /// Checks that it is a file one may read.
    func requireReadable() throws {
        switch try mode() & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw CommandEnded(.wrongUsage, "\(name): is a folder. Give the file to run in it")
        default: throw CommandEnded(.wrongUsage, "\(name): is not a regular file")
        }
        guard unsafe access(path, R_OK) == 0 else {
            throw CommandEnded(.wrongUsage, "\(name): \(Self.systemMessage(errno))")
        }
    }

    /// The content without a byte order mark.
    func read() throws -> [UInt8] {
        try requireReadable()
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandEnded(.wrongUsage, "\(name): \(Self.systemMessage(errno))") }
        defer { close(descriptor) }
        return try Self.readAll(descriptor, name: name)
    }

    /// All of standard input.
    static func standardInput() throws -> [UInt8] { try readAll(STDIN_FILENO, name: "standard input") }

    /// The process's working folder.
    static func workingFolder() throws -> OperatorFile { try OperatorFile(".") }

    private static func readAll(_ descriptor: Int32, name: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe block.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { break }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw CommandEnded(.wrongUsage, "\(name): \(systemMessage(errno))") }
            bytes += block[..<count]
        }
        return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    private func mode() throws -> mode_t {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            throw CommandEnded(.wrongUsage, "\(name): \(Self.systemMessage(errno))")
        }
        return status.st_mode
    }

    /// The system's words for an error number.
    static func systemMessage(_ number: Int32) -> String {
        guard let text = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: text)
    }
}
