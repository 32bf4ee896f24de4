// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Registry
internal import Synchronization

/// Lets in who has the token, and slows down who guesses it.
final class AdminAccess: Sendable {
    private let token: AdminToken
    private let wrong: Mutex<WrongTokens>
    private let start = ContinuousClock.now

    init(_ token: AdminToken, wrongTokens: WrongTokens) {
        self.token = token
        wrong = Mutex(wrongTokens)
    }

    /// Looks at the field `authorization`.
    func check(_ request: ServerRequest) throws(AdminError) {
        guard let shown = request.head.firstHeader("authorization").flatMap(Self.token) else {
            throw Self.unauthorized("show the admin token, as in: Authorization: Bearer TOKEN")
        }
        let source = Self.source(of: request.client)
        let now = ContinuousClock.now - start
        // One token at a time is looked at: who guesses on many connections guesses no more.
        let result = wrong.withLock { [token] wrong -> Result<Bool, AdminError> in
            if let delay = wrong.delay(for: source, at: now) { return .failure(Self.tooMany(delay)) }
            guard token.matches(shown.utf8) else {
                wrong.failed(source, at: now)
                return .success(false)
            }
            wrong.succeeded(source)
            return .success(true)
        }
        guard try result.get() else { throw Self.unauthorized("this is not the admin token") }
    }

    private static func token(_ field: String) -> Substring? {
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1]
    }

    private static func unauthorized(_ message: String) -> AdminError {
        var error = AdminError(401, "unauthorized", message)
        error.headers = [("www-authenticate", "Bearer realm=\"rookery\"")]
        return error
    }

    private static func tooMany(_ delay: Duration) -> AdminError {
        let (seconds, attoseconds) = delay.components
        let wait = max(1, Int(clamping: seconds) + (attoseconds > 0 ? 1 : 0))
        var error = AdminError(
            429, "tooManyAttempts", "too many wrong tokens came from this address; try again in \(wait) s")
        error.headers = [("retry-after", "\(wait)")]
        return error
    }

    /// A client has all addresses of version 6 that begin with the same 64 bits.
    static func source(of client: String) -> String {
        guard let address = IPAddress(client), address.family == .v6, address.embedded == nil else { return client }
        return "\(IPAddress(v6: (address.bits >> 64) << 64))/64"
    }
}
