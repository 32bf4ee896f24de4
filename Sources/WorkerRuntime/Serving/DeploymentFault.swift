// SPDX-License-Identifier: Apache-2.0
internal import Isolates

/// What is wrong with a version, as the one who deploys it is told.
public struct DeploymentFault: Sendable, Equatable {
    /// What failed.
    public enum Kind: String, Sendable {
        /// A module does not parse.
        case syntax
        /// An import names no module that there is.
        case resolution
        /// Evaluating the modules threw.
        case evaluation
        /// Evaluating the modules took longer, or more memory, than it may.
        case limit
        /// The main module exports no handler.
        case exports
        /// There is no room to try it now.
        case room
        /// The host is at fault.
        case host
    }

    /// What failed.
    public var kind: Kind
    /// What is wrong and what would be right.
    public var message: String
    /// The module, as its URL; empty where it is about none.
    public var file = ""
    /// From 1 on; 0: unknown.
    public var line = 0
    /// From 1 on; 0: unknown.
    public var column = 0
    /// The text of that line, where it is known.
    public var sourceLine = ""
    /// With positions in terms of the original source.
    public var stack = ""
    /// The error's stable word, where it has one.
    public var code: String?

    /// A fault of no place.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    init(_ kind: Kind, _ exception: ScriptException) {
        self.kind = kind
        message = exception.name.isEmpty ? exception.message : "\(exception.name): \(exception.message)"
        file = exception.url
        line = exception.line
        column = exception.column
        sourceLine = exception.sourceLine
        stack = exception.stack
        code = exception.code
    }
}
