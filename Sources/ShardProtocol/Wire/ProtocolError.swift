// SPDX-License-Identifier: Apache-2.0

/// What the other side did wrong. Nothing it says afterwards counts: the connection is over.
public struct ProtocolError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of wrong.
    public enum Code: String, Sendable, CaseIterable {
        /// It speaks another version, or something else altogether.
        case version
        /// A frame of a kind that there is not, or that this side does not get.
        case unknownKind
        /// A frame is larger than its kind may be.
        case tooLarge
        /// What a frame holds cannot be read.
        case malformed
        /// Something came before its time, as before the greeting.
        case unexpected
        /// An id that was never given out, or was used before.
        case unknownID
        /// An answer to what was not asked, or answered already.
        case notAsked
        /// More was sent than there was credit for, or more credit was given than there may be.
        case credit
        /// More at a time than was agreed on.
        case flood
        /// The connection closed in the middle of a frame.
        case truncated
    }

    /// The kind of wrong.
    public let code: Code
    /// What exactly, for a log.
    public let message: String

    /// An error of a kind.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    public var description: String { "\(code.rawValue): \(message)" }
}
