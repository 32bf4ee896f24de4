// SPDX-License-Identifier: Apache-2.0
package import Isolates
internal import Prelude
package import WorkerTypes

/// An isolate that holds one worker: blank first, then with the worker's module evaluated.
///
/// Lives on an isolate's thread.
package final class WorkerInstance {
    private let isolate: Isolate
    private let context: Context
    private var module: Module?
    private var handler: Function?
    private var dispatch: Function?
    private var takeFailure: Function?
    /// What the worker answered last.
    private var answer: [UInt8]?
    private var hasFailed = false

    /// Makes a blank isolate: the prelude is there, no worker yet.
    package init(
        _ host: IsolateHost, name: String, limits: Limits, onLost: @escaping @Sendable (LostTurn) -> Void = { _ in }
    ) throws {
        isolate = try host.makeIsolate(name, limits: limits, onLost: onLost)
        context = try isolate.makeContext(limits)
        // Its console and timers lead nowhere.
        isolate.setOperations(
            Prelude.Operation.allCases.map { operation in
                switch operation {
                case .respond: { [unowned self] (call: borrowing HostCall) in answer = call.utf8Bytes(4) }
                case .failDispatch: { [unowned self] (_: borrowing HostCall) in hasFailed = true }
                case .log, .armTimer, .runJob, .finishDispatch, .openSocket, .receiveSocket, .sendSocket, .closeSocket:
                    { (_: borrowing HostCall) in }
                }
            })
    }

    /// Compiles and evaluates a worker of a single module, and keeps its `fetch` handler.
    package func load(_ source: [UInt8], url: String) throws {
        let (result, _) = isolate.turn { () throws(ScriptError) in
            let module = try context.compile(source, url: url).module
            guard case nil = try module.evaluate() else {
                throw .missing("a worker's module may not wait when it starts")
            }
            self.module = module
            return try module.function("default", member: "fetch")
        }
        handler = try result.get()
    }

    /// Has the worker answer a request, as those of servers: its body as UTF-8.
    /// - Parameter head: see `DispatchRequest.head`.
    package func respond(to head: [UInt8]) throws(ScriptError) -> [UInt8] {
        try isolate.turn { () throws(ScriptError) in
            if dispatch == nil, let module {
                _ = try context.preludeFunction(Prelude.Export.setWorker.rawValue).call(
                    arguments: [module.namespace, .list([])])
                dispatch = try context.preludeFunction(Prelude.Export.dispatchFetch.rawValue)
                takeFailure = try context.preludeFunction(Prelude.Export.takeFailure.rawValue)
            }
            answer = nil
            _ = try dispatch?.call(arguments: [.number(1), .latin1(head), .undefined], form: .nothing)
            if hasFailed {
                hasFailed = false
                _ = try takeFailure?.call(.number(1), form: .nothing)
            }
            guard let answer else { throw .missing("the worker did not answer at once") }
            return answer
        }.0.get()
    }

    /// Calls the worker's `fetch` itself under a budget, with any value.
    package func fetch(
        _ request: ScriptValue, budget: Isolate.Budget = .init()
    ) -> (Result<Completion, ScriptError>, Isolate.Turn) {
        isolate.turn(budget) { () throws(ScriptError) in
            guard let handler else { throw .missing("no worker is loaded") }
            return try handler.call(request)
        }
    }

    /// Memory held now and at the most.
    package func heapStatistics() throws(ScriptError) -> HeapStatistics { try isolate.heapStatistics() }
}
