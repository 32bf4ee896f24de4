// SPDX-License-Identifier: Apache-2.0

/// Why an admin request came to nothing.
enum ClientError: Error, Sendable, CustomStringConvertible {
    case nobodyListens(AdminAddress)
    case unreachable(AdminAddress, String)
    case timedOut(AdminAddress, Duration)
    /// It ended the connection before its answer did.
    case cutOff(AdminAddress)
    /// What answers speaks no HTTP, or another API than ours.
    case noRookery(AdminAddress, String)
    case wrongToken(AdminAddress, ClientToken.Source?)
    /// The server says no.
    case refused(AdminRefusal)

    var description: String {
        switch self {
        case .nobodyListens(let address):
            "nobody listens at \(address). Is the server running (rookery serve)? Another address is given with --admin "
                + "or \(AdminAddress.variable)"
        case .unreachable(let address, let reason): "\(address) cannot be reached: \(reason)"
        case .timedOut(let address, let time): "\(address) did not answer within \(time.components.seconds) s"
        case .cutOff(let address): "\(address) closed the connection before the end of its answer"
        case .noRookery(let address, let reason):
            "what answers at \(address) is not the admin API of Rookery: \(reason). The API has an address of its own, "
                + "which is not that of the workers"
        case .wrongToken(let address, nil):
            "\(address) wants a token: give it with --token-file, ROOKERY_ADMIN_TOKEN or --data"
        case .wrongToken(let address, let source?): "\(address) does not take the token of \(source)"
        case .refused(let refusal): refusal.description
        }
    }

    /// As the end of a command.
    var ended: CommandEnded { CommandEnded(.failed, description) }
}

extension ExitStatus {
    /// What was asked was not done, by no fault of the command line.
    static let failed = ExitStatus.uncaught
}

/// The body of an answer that says no.
struct AdminRefusal: Error, Sendable, Decodable, CustomStringConvertible {
    struct Problem: Sendable, Codable {
        var message: String
        var file: String?
        var line: Int?
        var column: Int?
        var stack: String?
    }

    var status = 0
    let code: String
    let message: String
    let path: String?
    let problems: [Problem]

    private enum Key: String, CodingKey { case error, code, message, path, problems }

    init(from decoder: any Decoder) throws {
        let error = try decoder.container(keyedBy: Key.self).nestedContainer(keyedBy: Key.self, forKey: .error)
        code = try error.decode(String.self, forKey: .code)
        message = try error.decode(String.self, forKey: .message)
        path = try error.decodeIfPresent(String.self, forKey: .path)
        problems = try error.decodeIfPresent([Problem].self, forKey: .problems) ?? []
    }

    var description: String {
        let place = path.flatMap { $0.isEmpty ? nil : $0 + ": " } ?? ""
        return TerminalText.line(place + message)
    }
}
