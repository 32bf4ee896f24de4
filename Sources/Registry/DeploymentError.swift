// SPDX-License-Identifier: Apache-2.0

/// Why a version was not put into service. The one that was in service still is.
public enum DeploymentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The manifest says what it may not, or what cannot be.
    case manifest(ManifestError)
    /// The version was tried and does not work, for these reasons: at least one.
    case refused([DeploymentProblem])
    /// The registry failed.
    case registry(RegistryError)

    /// What is wrong, a line for each problem.
    public var description: String {
        switch self {
        case .manifest(let error): error.description
        case .refused(let problems): problems.map(\.description).joined(separator: "\n")
        case .registry(let error): error.description
        }
    }
}

/// One reason why a version does not work.
public struct DeploymentProblem: Sendable, Hashable, Codable, CustomStringConvertible {
    /// What failed.
    public enum Kind: String, Sendable, Codable, CaseIterable {
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
        /// A binding cannot be made.
        case binding
        /// There is no room to try it now; later there may be.
        case room
        /// It could not be tried: the host is at fault.
        case host
    }

    /// What failed.
    public var kind: Kind
    /// What is wrong.
    public var message: String
    /// The name of the module; `nil` where it is none's.
    public var module: String?
    /// The line in the module's source, from 1.
    public var line: Int?
    /// The column in the line, from 1.
    public var column: Int?
    /// Of what was thrown, with positions in terms of the original source.
    public var stack: String?

    /// A problem.
    public init(
        _ kind: Kind, _ message: String, module: String? = nil, line: Int? = nil, column: Int? = nil,
        stack: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.module = module
        self.line = line
        self.column = column
        self.stack = stack
    }

    /// `module:line:column: message`, as much of it as is known.
    public var description: String {
        let place = [module, line.map(String.init), column.map(String.init)].compactMap(\.self)
        return place.isEmpty ? message : "\(place.joined(separator: ":")): \(message)"
    }
}

/// Tries a version before it goes into service: parses and evaluates its modules, somewhere that is thrown away. A
/// secret that keeps its value has none here.
///
/// - Returns: what is wrong; nothing where all is well.
public typealias DeploymentCheck =
    @Sendable (_ worker: WorkerName, _ manifest: WorkerManifest) async ->
    [DeploymentProblem]
