// SPDX-License-Identifier: Apache-2.0
internal import HostAPI

extension RequestBody {
    /// All of the body, which may have so many bytes.
    func collected(most: Int) async throws(AdminError) -> [UInt8] {
        switch self {
        case .none: return []
        case .collected(let bytes):
            guard bytes.count <= most else { throw .tooLarge(most) }
            return bytes
        case .stream(let stream, let length):
            if let length, length > most {
                stream.cancel()
                throw .tooLarge(most)
            }
            return try await Self.collect(stream, most)
        }
    }

    private static func collect(_ stream: RequestBodyStream, _ most: Int) async throws(AdminError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let chunk = try await read(stream) {
            guard bytes.count + chunk.count <= most else {
                stream.cancel()
                throw .tooLarge(most)
            }
            bytes += chunk
        }
        return bytes
    }

    private static func read(_ stream: RequestBodyStream) async throws(AdminError) -> [UInt8]? {
        let result = await withCheckedContinuation { continuation in
            stream.read(atMost: 256 << 10) { continuation.resume(returning: $0) }
        }
        switch result {
        case .success(let chunk): return chunk
        case .failure(let error):
            switch error.code {
            case .exhausted: throw AdminError(413, "tooLarge", error.message)
            case .timedOut: throw AdminError(408, "timedOut", error.message)
            default: throw AdminError(400, "malformed", error.message)
            }
        }
    }
}

extension RequestHead {
    /// Refuses a body that says that it is no JSON. What says nothing of itself, and what simple clients say of
    /// everything, is taken for JSON.
    func requireJSON() throws(AdminError) {
        if let coding = firstHeader("content-encoding"), coding.lowercased() != "identity" {
            throw AdminError(415, "unsupportedMediaType", "send the body as it is, without content-encoding")
        }
        guard let field = firstHeader("content-type") else { return }
        let type = field.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        let taken = [
            "", "application/json", "text/json", "text/plain", "application/octet-stream",
            "application/x-www-form-urlencoded",
        ]
        guard taken.contains(type) || type.hasSuffix("+json") else {
            throw AdminError(415, "unsupportedMediaType", "the body must be JSON: content-type: application/json")
        }
    }
}
