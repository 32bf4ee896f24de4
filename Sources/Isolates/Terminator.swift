// SPDX-License-Identifier: Apache-2.0
internal import CIsolate

/// Ends an isolate's JavaScript from any thread; inert once the isolate is disposed.
@safe public final class Terminator: @unchecked Sendable {
    private let raw: OpaquePointer

    /// Takes over one reference.
    init(owning raw: OpaquePointer) { unsafe self.raw = raw }

    /// Ends the turn under way. A turn that begins later is not touched.
    /// - Returns: whether a turn was under way.
    @discardableResult public func terminate() -> Bool { unsafe ci_terminator_terminate(raw) }

    deinit { unsafe ci_terminator_release(raw) }
}
