// SPDX-License-Identifier: Apache-2.0

/// Why a call of a script to the host failed. A script sees it as an exception named `CapabilityError`.
public struct HostError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of a failure. Scripts see the raw value as `code`; it does not change between versions.
    public enum Code: String, Sendable, CaseIterable {
        /// Not granted. The message says which grant would allow it.
        case denied
        /// An argument is of the wrong type, out of range, too large, or malformed.
        case invalidArgument
        /// What was named is not there.
        case notFound
        /// Something is there already, or is not as the script expects it.
        case conflict
        /// A limit or quota is used up. The message names it.
        case exhausted
        /// The other side cannot be reached, or does not work at present.
        case unavailable
        /// It took longer than it may.
        case timedOut
        /// The script, or the end of its dispatch, cancelled the call.
        case cancelled
        /// A fault of the host or of a capability.
        case failed
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong and what would be right, for the author of the script. Holds no secret.
    public let message: String

    /// The `name` of the JavaScript exception.
    public static let scriptName = "CapabilityError"

    /// An error of a kind.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// `denied`: what was wanted, and the grant which would allow it, as in `a kv grant with the namespace "links"`.
    public static func denied(_ what: String, allowedBy grant: String) -> HostError {
        HostError(.denied, "\(what) is not granted; \(grant) would allow it")
    }

    /// The code and the message.
    public var description: String { "\(code.rawValue): \(message)" }

    /// A text that a script chose, quoted and cut short for a message: at most 100 characters of it, without controls.
    public static func quote(_ text: String) -> String {
        var shown = "\""
        for scalar in text.unicodeScalars.prefix(100) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                if scalar == "\"" || scalar == "\\" { shown += "\\" }
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown + (text.unicodeScalars.dropFirst(100).isEmpty ? "\"" : "…\"")
    }
}

/// A grant or limit that says nothing sensible: the operator's or the embedder's fault.
public struct GrantError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what would be right.
    public let description: String

    /// An error with this text.
    public init(_ description: String) { self.description = description }
}
