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
    private var handler: Function?

    /// Makes a blank isolate: the prelude is there, no worker yet.
    package init(
        _ host: IsolateHost, name: String, limits: Limits, onLost: @escaping @Sendable (LostTurn) -> Void = { _ in }
    ) throws {
        isolate = try host.makeIsolate(name, limits: limits, onLost: onLost)
        // Until capabilities arrive, a worker's console and timers lead nowhere.
        isolate.setOperations(Prelude.Operation.allCases.map { _ in { (_: borrowing HostCall) in } })
        context = try isolate.makeContext(limits)
    }

    /// Compiles and evaluates a worker of a single module, and keeps its `fetch` handler.
    package func load(_ source: [UInt8], url: String) throws {
        let (result, _) = isolate.turn { () throws(ScriptError) in
            let module = try context.compile(source, url: url).module
            guard case nil = try module.evaluate() else {
                throw .missing("a worker's module may not wait when it starts")
            }
            return try module.function("default", member: "fetch")
        }
        handler = try result.get()
    }

    /// Calls the worker's `fetch` under a budget.
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
