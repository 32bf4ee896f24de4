// SPDX-License-Identifier: Apache-2.0

/// Hears of every call, refused ones too, when it is answered. From any thread: return soon.
public protocol HostObserver: Sendable {
    /// One call that was answered.
    func observe(_ record: CallRecord)
}

/// One call of a script to the host.
public struct CallRecord: Sendable, Hashable {
    /// Who called: the label of the scope.
    public let caller: String
    /// The name of the grant that was used.
    public let binding: String
    /// The operation, as in `kv.get`.
    public let operation: String
    /// From admission to answer; zero for what was not let in.
    public let duration: Duration
    /// What the script passed, in bytes.
    public let argumentBytes: Int
    /// What it got, in bytes, without what streams bring later.
    public let resultBytes: Int
    /// Why it failed; `nil` if it did not.
    public let error: HostError?
}
