// SPDX-License-Identifier: Apache-2.0
package import HostAPI
package import Isolates
internal import Prelude
package import WorkerTypes

/// One request to the worker of a context: from the call of its `fetch` to the end of what that began.
///
/// Lives on the isolate's thread.
package final class WorkerDispatch {
    /// Takes the head of the response, and says where its body goes.
    package typealias Receiver = (ResponseHead) -> any ByteSink

    private let request: WorkerRequest
    private let receiver: Receiver
    private var takeFailure: Function?
    private var hasFailed = false
    /// There is one.
    private static let number = 1
    /// The handler, the response's body and what `waitUntil` was given are done.
    package private(set) var isFinished = false

    package init(_ request: WorkerRequest, _ receiver: @escaping Receiver) {
        self.request = request
        self.receiver = receiver
    }

    /// Finds the handlers of the worker's module, evaluated, and calls `fetch`. Inside a turn.
    package func begin(_ module: Module, in context: Context, variables: [(name: String, value: String)])
        throws(ScriptError)
    {
        let entries = variables.flatMap { [$0.name, $0.value] }.map { ScriptValue.string($0) }
        _ = try context.preludeFunction(Prelude.Export.setWorker.rawValue).call(
            arguments: [module.namespace, .list(entries)])
        takeFailure = try context.preludeFunction(Prelude.Export.takeFailure.rawValue)
        _ = try context.preludeFunction(Prelude.Export.dispatchFetch.rawValue).call(
            arguments: [
                .number(Double(Self.number)), .string(request.headText), request.body.map { .bytes($0) } ?? .undefined,
            ], form: .nothing)
    }

    /// Throws what the handler has thrown. Inside a turn.
    package func check() throws(ScriptError) {
        guard hasFailed else { return }
        hasFailed = false
        _ = try takeFailure?.call(arguments: [.number(Double(Self.number))], form: .nothing, holds: true)
    }

    /// `finishDispatch(dispatch)`
    func finish() { isFinished = true }

    /// `failDispatch(dispatch)`
    func fail() { hasFailed = true }

    /// `respond(dispatch, status, statusText, headers, body)`
    func respond(_ call: borrowing Isolates.HostCall, _ bridge: HostBridge?) {
        guard case .number(let status)? = try? call.argument(1), case .string(let statusText)? = try? call.argument(2),
            case .string(let headers)? = try? call.argument(3), let body = try? call.argument(4), let bridge
        else { return }
        let lines = headers.split(separator: "\n", omittingEmptySubsequences: false)
        let fields = stride(from: 0, to: lines.count - 1, by: 2).map {
            HeaderField(String(lines[$0]), String(lines[$0 + 1]))
        }
        let sink = receiver(ResponseHead(status: Int(status), statusText: statusText, headers: fields))
        switch body {
        case .boolean: call.returning(.number(Double(bridge.add(sink))))
        case .string(let text): Self.write(Array(text.utf8), to: sink)
        case .bytes(let bytes): Self.write(bytes, to: sink)
        default: sink.finish { _ in }
        }
    }

    private static func write(_ bytes: [UInt8], to sink: any ByteSink) {
        guard !bytes.isEmpty else { return sink.finish { _ in } }
        sink.write(bytes) { result in
            if case .success = result { sink.finish { _ in } }
        }
    }
}

extension WorkerRequest {
    /// As `dispatchFetch` takes it.
    var headText: String {
        var text = "\(method)\n\(url)\n"
        for field in headers { text += "\(field.name.lowercased())\n\(field.value)\n" }
        return text
    }
}
