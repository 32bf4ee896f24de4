// SPDX-License-Identifier: Apache-2.0

/// Status and header fields of a response.
///
/// The front adds `date` and decides the framing: it drops the fields `connection`, `date`, `keep-alive`,
/// `proxy-connection`, `trailer`, `transfer-encoding` and `upgrade`. A `content-length` counts for a streamed body, which
/// must keep it, and in answers without a body (HEAD, 304). Fields that are none (a name that is no token, a value with
/// a control other than the tab) are dropped.
public struct ResponseHead: Sendable, Hashable {
    /// From 200 to 599; of an informational response 102 to 199. Others are answered as 500.
    public var status: Int
    /// The header fields.
    public var headers: HeaderBlock

    /// A head.
    public init(status: Int, headers: HeaderBlock = HeaderBlock()) {
        self.status = status
        self.headers = headers
    }
}
