// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Glibc
internal import Synchronization

/// A file that is read one chunk after another, always the same file whatever its name comes to mean.
final class FileReader: ByteStream {
    private struct Open: ~Copyable {
        let file: FileAccess.RegularFile
        var position: Int
        let permit: Permit
    }

    private static let mostChunk = 1 << 20

    private let access: FileAccess
    private let place: FileAccess.Place
    private let open: Mutex<Open?>

    init(
        _ file: consuming FileAccess.RegularFile, from position: Int, at place: FileAccess.Place, of access: FileAccess,
        _ permit: Permit
    ) {
        self.access = access
        self.place = place
        open = Mutex(Open(file: file, position: position, permit: permit))
    }

    func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
        access.queue.async { [self] in
            let result = open.withLock { open -> Result<[UInt8]?, HostError> in
                guard let position = open?.position else { return .success(nil) }
                do throws(SystemError) {
                    let bytes =
                        try open?.file.file.readPart(at: position, atMost: min(max(1, count), Self.mostChunk)) ?? []
                    open?.position = position + bytes.count
                    if bytes.isEmpty { open = nil }
                    return .success(bytes.isEmpty ? nil : bytes)
                } catch {
                    open = nil
                    return .failure(FileAccess.failure(error, place))
                }
            }
            answer(result)
        }
    }

    func cancel() { access.queue.async { [self] in open.withLock { $0 = nil } } }
}

/// A file that is written beside the one whose name it takes when it is finished. Until then, and if it never is, the
/// old one stays.
final class FileWriter: ByteSink {
    private struct Open {
        let file: NewFile
        let permit: Permit
    }

    private let access: FileAccess
    private let open: Mutex<Open?>

    init(_ file: NewFile, of access: FileAccess, _ permit: Permit) {
        self.access = access
        open = Mutex(Open(file: file, permit: permit))
    }

    func write(_ bytes: [UInt8], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        change(answer) { open throws(HostError) in
            do throws(HostError) {
                guard try open?.file.append(bytes) != nil else { throw Self.closed }
            } catch {
                open = nil
                throw error
            }
        }
    }

    func finish(_ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        change(answer) { open throws(HostError) in
            guard let taken = open.take() else { throw Self.closed }
            try taken.file.finish(mayReplace: true)
        }
    }

    func cancel() { access.queue.async { [self] in open.withLock { $0 = nil } } }

    private static var closed: HostError { HostError(.conflict, "the file was finished or given up before") }

    private func change(
        _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void,
        _ body: @escaping @Sendable (inout Open?) throws(HostError) -> Void
    ) {
        access.queue.async { [self] in
            answer(
                open.withLock { open in
                    do throws(HostError) {
                        return .success(try body(&open))
                    } catch {
                        return .failure(error)
                    }
                })
        }
    }
}

/// A file under a name of the host's, which is removed unless the file is finished.
final class NewFile: Sendable {
    private let place: FileAccess.Place
    private let quota: FileQuota
    private let parent: FileAccess.Parent
    private let temporary: String
    private let file: OpenFile
    /// What it took of the quota; nil when it is finished.
    private let size = Mutex<Int?>(0)

    init(at place: FileAccess.Place, of access: FileAccess) throws(HostError) {
        self.place = place
        quota = access.quota
        parent = try access.openParent(place)
        temporary = FileAccess.temporaryPrefix + String(UInt64.random(in: .min ... .max), radix: 36)
        try quota.take(bytes: 0, files: 1)
        do throws(SystemError) {
            file = try OpenFile(temporary, in: parent.folder, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o666)
        } catch {
            try? quota.take(bytes: 0, files: -1)
            throw FileAccess.failure(error, place)
        }
    }

    deinit {
        guard let size = size.withLock({ $0 }) else { return }
        parent.folder.remove(temporary)
        try? quota.take(bytes: -size, files: -1)
    }

    func append(_ bytes: [UInt8]) throws(HostError) {
        try quota.take(bytes: bytes.count, files: 0)
        size.withLock { $0 = $0.map { $0 + bytes.count } }
        try FileAccess.rethrow(place) { () throws(SystemError) in try file.writeAll(bytes) }
    }

    /// Gives the file its name.
    /// - Throws: `conflict` where the name is taken and may not be replaced; `invalidArgument` by what is no file.
    func finish(mayReplace: Bool) throws(HostError) {
        try FileAccess.rethrow(place) { () throws(SystemError) in
            let old = try? parent.folder.status(of: parent.name)
            if let old {
                guard mayReplace else { throw SystemError(number: EEXIST) }
                guard old.kind != .folder else { throw SystemError(number: EISDIR) }
                guard old.kind == .regular else { throw SystemError(number: ENXIO) }
                try file.setPermissions(old.permissions)
            }
            if mayReplace {
                try parent.folder.rename(temporary, to: parent.name)
            } else {
                try parent.folder.link(temporary, as: parent.name)
                parent.folder.remove(temporary)
            }
            size.withLock { $0 = nil }
            if let old { try? quota.take(bytes: -old.size, files: -1) }
        }
    }
}
