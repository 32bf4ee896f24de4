// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Synchronization

/// Standard output, written at once and unbuffered.
enum StandardOutput {
    private static let closed = Atomic(false)

    /// Whether the reader is gone (EPIPE); what is written then is dropped.
    static var isClosed: Bool { closed.load(ordering: .relaxed) }

    static func write(_ text: String) {
        if !isClosed, !writeAll(text, to: STDOUT_FILENO) { closed.store(true, ordering: .relaxed) }
    }
}

/// Standard error, written at once and unbuffered.
enum StandardError {
    static func write(_ text: String) { _ = writeAll(text, to: STDERR_FILENO) }
}

/// Writes all of it, however often the system takes a part only. False when it takes no more.
private func writeAll(_ text: String, to descriptor: Int32) -> Bool {
    var rest = Array(text.utf8)[...]
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
