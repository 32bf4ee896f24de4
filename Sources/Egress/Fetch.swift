// SPDX-License-Identifier: Apache-2.0
public import HostAPI

/// Requests of HTTP to hosts that are granted.
///
/// | operation | arguments | answers |
/// |---|---|---|
/// | `fetch.send` | request, body | when the head of the response has come: a list of its head, and its body as a stream or `null` |
///
/// The request is an object: `{"method":"GET","url":"https://…","headers":[["name","value"],…],"redirect":"follow",
/// "decode":true}`, of which only `url` must be there. `redirect` is `follow`, `error` or `manual`; with `decode` a
/// body in gzip, deflate or br arrives decoded, its headers as they were sent. Values of headers are in isomorphic
/// encoding. The body is left out, bytes or a string, or a stream, which is sent in chunks as it is read.
///
/// The head is `{"status":200,"statusText":"OK","headers":[["name","value"],…],"url":"https://…","redirected":false}`.
/// The body is `null` for responses that have none: to `HEAD`, and with the status 101, 103, 204, 205 or 304.
///
/// Each request, each one that a redirect leads to as well, is checked against the grant, and so is the address that
/// it goes to; each costs a subrequest. Sent are counted the head and the body, as in HTTP/1.1 without chunks' frames,
/// received the head and the body as it came, encoded. A request is one of `concurrentRequests` and holds 64 KiB of
/// `heldBytes` until its body was read to the end, failed or was cancelled; decoding holds what memory it needs.
public struct Fetch: Capability {
    /// `fetch`.
    public static let name = "fetch"
    /// Which requests.
    public typealias Grant = NetworkGrant

    private let egress: HTTPEgress
    private let secrets: Secrets

    /// Requests over a way out that the process shares, with the secrets of whom it is granted to.
    public init(_ egress: HTTPEgress, secrets: Secrets = .none) {
        self.egress = egress
        self.secrets = secrets
    }

    /// The most that the arguments of `send` may have, in bytes: bodies that are larger are streamed.
    public static let mostArgumentBytes = 32 << 20

    /// `send`.
    public var operations: [Operation] {
        [
            Operation(later: "send", mostArgumentBytes: Self.mostArgumentBytes) {
                [egress, secrets] arguments, call, answer in
                FetchTask(egress, secrets, call, answer).start(arguments)
            }
        ]
    }
}
