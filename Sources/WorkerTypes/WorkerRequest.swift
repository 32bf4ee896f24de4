// SPDX-License-Identifier: Apache-2.0

/// A header of a message: its name in any case, its value with each character a byte.
public struct HeaderField: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The value.
    public var value: String

    /// A header.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A request to a worker.
public struct WorkerRequest: Sendable, Hashable {
    /// The method, as in `GET`.
    public var method: String
    /// An absolute URL.
    public var url: String
    /// In their order.
    public var headers: [HeaderField]
    /// `nil` where there is none.
    public var body: [UInt8]?

    /// A request.
    public init(_ method: String = "GET", _ url: String, headers: [HeaderField] = [], body: [UInt8]? = nil) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// What a worker's response begins with.
public struct ResponseHead: Sendable, Hashable {
    /// 200 to 599.
    public var status: Int
    /// What is said with the status; often empty.
    public var statusText: String
    /// In their order; names in lower case.
    public var headers: [HeaderField]

    /// A head.
    public init(status: Int, statusText: String = "", headers: [HeaderField] = []) {
        self.status = status
        self.statusText = statusText
        self.headers = headers
    }
}
