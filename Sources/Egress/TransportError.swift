// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import HostAPI
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTP2
internal import NIOPosix
internal import NIOSSL

/// Why an exchange failed, and what may be tried then.
struct TransportError: Error, Sendable {
    enum Progress: Sendable {
        /// Nothing was sent, nor taken from the body.
        case notBegun
        /// The server says that it did nothing with the request.
        case untouched
        /// The connection was lost before any of the response came: the server may have acted on the request.
        case unanswered
        case answered
    }

    let error: HostError
    let progress: Progress

    init(_ error: HostError, _ progress: Progress = .answered) {
        self.error = error
        self.progress = progress
    }

    /// What an error of the network layers means.
    init(_ cause: any Error, to host: String, _ progress: Progress) {
        if let known = cause as? TransportError {
            self = known
            return
        }
        let host = HostError.quote(host)
        let reason =
            Self.connecting(cause) ?? Self.securing(cause) ?? Self.parsing(cause) ?? "failed: \(cause)"
        self.init(
            HostError(Self.isTimeout(cause) ? .timedOut : .unavailable, "the connection to \(host) \(reason)"), progress
        )
    }

    private static func isTimeout(_ cause: any Error) -> Bool {
        if case ChannelError.connectTimeout? = cause as? ChannelError { return true }
        return (cause as? IOError)?.errnoCode == ETIMEDOUT
    }

    private static func connecting(_ cause: any Error) -> String? {
        if case ChannelError.connectTimeout(let time)? = cause as? ChannelError {
            return "was not made within \(time.nanoseconds / 1_000_000_000) s"
        }
        guard let code = (cause as? IOError)?.errnoCode else { return nil }
        switch code {
        case ECONNREFUSED: return "was refused: nothing listens there"
        case ECONNRESET, EPIPE: return "was reset by the other side"
        case ETIMEDOUT: return "timed out"
        case EHOSTUNREACH, ENETUNREACH: return "cannot be made: there is no way to its address"
        default: return "failed: error \(code) of the system"
        }
    }

    private static func securing(_ cause: any Error) -> String? {
        if let error = cause as? NIOSSLExtraError, error == .failedToValidateHostname {
            return "is not secure: the certificate is for another name"
        }
        guard let error = cause as? NIOSSLError else { return nil }
        if case .uncleanShutdown = error { return "was cut off before the response was complete" }
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "is not secure: the certificate is not trusted; it has expired, is not valid yet, or was not issued "
                + "by an authority that this host knows"
        }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            return "cannot be secured: the other side does not speak TLS"
        }
        return "cannot be secured: the TLS handshake failed (\(text.prefix(200)))"
    }

    private static func parsing(_ cause: any Error) -> String? {
        switch cause {
        case HTTPParserError.invalidEOFState: "ended before the response was complete"
        case HTTPParserError.headerOverflow: "brought a response with too many or too long headers"
        case is HTTPParserError: "brought what is no response of HTTP"
        case let error as NIOHTTP2Errors.StreamClosed: "was reset by the other side (HTTP/2: \(error.errorCode))"
        case is any NIOHTTP2Error: "brought what is not allowed in HTTP/2 (\("\(cause)".prefix(200)))"
        case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.eof, ChannelError.inputClosed,
            ChannelError.outputClosed:
            "was closed by the other side"
        default: nil
        }
    }
}
