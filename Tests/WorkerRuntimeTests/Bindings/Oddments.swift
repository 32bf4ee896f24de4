// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Synchronization

/// A capability that the prelude does not know.
struct Oddments: Capability {
    typealias Grant = WholeGrant
    static let name = "oddments"

    var operations: [Operation] {
        [
            Operation(sync: "add") { (arguments: HostArguments, _) throws(HostError) in
                .number(try arguments.number(0) + arguments.number(1))
            },
            Operation(sync: "fail") { (_: HostArguments, _) throws(HostError) in throw HostError(.conflict, "no") },
            Operation("describe") { (arguments: HostArguments, _) async throws(HostError) in
                .string(arguments.values.map(Self.describe).joined(separator: ", "))
            },
            Operation("collect") { (arguments: HostArguments, _) async throws(HostError) in
                var text = try arguments.string(0)
                guard case .stream(let stream) = arguments[1] else { throw arguments.invalid(1, "must be a stream") }
                while let chunk = try await stream.read(atMost: 2) { text += String(decoding: chunk, as: UTF8.self) }
                return .string(text)
            },
            Operation("chunks") { (arguments: HostArguments, _) async throws(HostError) in
                .list([arguments[0], .stream(Repeated(try arguments.integer(0)))])
            },
        ]
    }

    private static func describe(_ value: HostValue) -> String {
        switch value {
        case .undefined, .null: value.kind
        case .boolean(let flag): "boolean \(flag)"
        case .number(let number): "number \(number)"
        case .string(let text): "string \(text)"
        case .bytes(let bytes): "bytes \(bytes.count)"
        case .json(let text): "json " + String(decoding: text, as: UTF8.self)
        case .list, .stream, .sink: value.kind
        }
    }

    private final class Repeated: ByteStream {
        private let rest: Mutex<Int>
        init(_ count: Int) { rest = Mutex(count) }

        func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
            let isLeft = rest.withLock { rest in
                rest -= 1
                return rest >= 0
            }
            answer(.success(isLeft ? [120] : nil))
        }

        func cancel() {}
    }
}
