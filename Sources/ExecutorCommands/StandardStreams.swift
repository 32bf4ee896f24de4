// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Synchronization

/// The three streams that a process starts with.
enum StandardStreams {
    /// Opens those that the parent closed, so that no file of ours takes their place.
    static func open() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = unsafe Glibc.open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY)
        }
    }
}

/// Standard output, written at once and unbuffered.
enum StandardOutput {
    private static let failure = Atomic<Int32>(0)

    /// The error number of the write that failed, after which nothing is written; EPIPE: the reader is gone.
    static var failed: Int32? {
        let number = failure.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    static func write(_ text: String) { write(Array(text.utf8)) }

    static func write(_ bytes: [UInt8]) {
        if failed == nil, !writeAll(bytes, to: STDOUT_FILENO) { failure.store(errno, ordering: .relaxed) }
    }
}

/// Standard error, written at once and unbuffered.
enum StandardError {
    static func write(_ text: String) { _ = writeAll(Array(text.utf8), to: STDERR_FILENO) }
}

/// Writes all of it, however often the system takes a part only. False when it takes no more.
private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
        let written = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        if written > 0 {
            rest = rest.dropFirst(written)
        } else if errno == EAGAIN {
            var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            unsafe poll(&wanted, 1, -1)
        } else if errno != EINTR {
            return false
        }
    }
    return true
}
