// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import WorkerRuntime

/// Our end of the socket that is a process's standard output and error.
struct ChildOutput: Sendable {
    /// Closed when all was read.
    let descriptor: CInt
    /// Hears of each line, from the thread that reads.
    let onLine: @Sendable (String) -> Void

    /// Reads until nobody can write any more. Once, from a thread that waits.
    func readAll() {
        var lines = OutputLines()
        var block = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe recv(descriptor, &block, block.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for line in lines.take(block[..<count], at: MonotonicClock.now) { onLine(line) }
        }
        for line in lines.finish(at: MonotonicClock.now) { onLine(line) }
        close(descriptor)
    }
}
