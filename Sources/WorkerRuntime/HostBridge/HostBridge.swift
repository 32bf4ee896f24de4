// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
package import HostAPI
package import Isolates
internal import Prelude

/// Joins the calls of a context's scripts to what they were granted: copies arguments once they were let in, brings
/// answers back, and holds streams by number.
///
/// Lives on the isolate's thread.
package final class HostBridge {
    private let scope: CallScope
    private let scopeOf: (UInt32) -> CallScope?
    private let inbox: HostInbox
    private var streams = StreamTable()
    private var pending: [Int: PendingCall] = [:]
    private var waiting: [Int: Waiting] = [:]

    /// A read, write or call that JavaScript waits for.
    private struct Waiting {
        /// The stream that it makes busy; 0: none.
        let stream: Int
        /// The dispatch that it belongs to; 0: none.
        let dispatch: UInt32
    }
    private var settle: Function?
    private var context: Context?

    /// The largest chunk that a script reads or writes at once, in bytes: 1 MiB.
    package static let mostChunkBytes = 1 << 20

    /// - Parameters:
    ///   - scope: has the bindings, and the calls that are of no dispatch.
    ///   - scopeOf: who pays for the calls of a dispatch.
    ///   - onWake: from any thread: call `deliver()` soon.
    package init(
        _ scope: CallScope, scopeOf: @escaping (UInt32) -> CallScope? = { _ in nil },
        onWake: @escaping @Sendable () -> Void
    ) {
        self.scope = scope
        self.scopeOf = scopeOf
        inbox = HostInbox(onWake: onWake)
    }

    /// Tells the context's prelude what was granted.
    package func attach(_ context: Context) throws(ScriptError) {
        self.context = context
        settle = try context.preludeFunction(Prelude.Export.settleHostCalls.rawValue)
        let grants = scope.bindings.enumerated().map { place, binding in
            GrantNote(
                name: binding.name, capability: binding.capability, place: place, operations: binding.operationIndices,
                sync: binding.operationIndices.filter { scope.answersAtOnce($0.value, on: place) == true }.map(\.key))
        }
        guard !grants.isEmpty else { return }
        guard let text = try? JSONEncoder().encode(grants) else { throw .missing("the grants are no JSON") }
        _ = try context.preludeFunction(Prelude.Export.setHost.rawValue).call(
            arguments: [.json([UInt8](text))], form: .nothing)
    }

    private struct GrantNote: Encodable {
        let name: String
        let capability: String
        let place: Int
        let operations: [String: Int]
        let sync: [String]
    }

    /// How many calls, reads and writes JavaScript waits for.
    package var pendingCount: Int { waiting.count }

    /// A sink for the script to write, until the dispatch is over.
    func add(_ sink: any ByteSink, of dispatch: UInt32 = 0) -> Int { streams.add(sink, of: dispatch) }

    /// A stream for the script to read, until the dispatch is over.
    func add(_ stream: any ByteStream, of dispatch: UInt32 = 0) -> Int { streams.add(stream, of: dispatch) }

    /// A dispatch is over: its streams are cancelled.
    func end(_ dispatch: UInt32) { streams.cancelAll(of: dispatch) }

    /// Ends it: what is pending is cancelled.
    package func end() {
        inbox.close()
        scope.end()
        streams.cancelAll()
        (pending, waiting, settle, context) = ([:], [:], nil, nil)
    }

    /// What ends it from another thread, where this one is lost.
    package var ender: @Sendable () -> Void {
        { [inbox, scope] in
            inbox.close()
            scope.end()
        }
    }

    // MARK: Answers

    /// So many at once: each is three arguments, of which a call has at most 64.
    private static let batch = 20

    /// Hands the answers that have come to the script. Inside a turn.
    package func deliver() throws(ScriptError) {
        for (_, answers) in takeAnswers() { try deliver(answers) }
    }

    /// The answers that have come, by the dispatch that they are for, in order; each is for one `deliver(_:)`.
    func takeAnswers() -> [(dispatch: UInt32, answers: [HostInbox.Answer])] {
        var groups: [(dispatch: UInt32, answers: [HostInbox.Answer])] = []
        for answer in inbox.take() {
            let dispatch = waiting[answer.number]?.dispatch ?? 0
            if let last = groups.indices.last, groups[last].dispatch == dispatch,
                groups[last].answers.count < Self.batch
            {
                groups[last].answers.append(answer)
            } else {
                groups.append((dispatch, [answer]))
            }
        }
        return groups
    }

    /// Hands answers to the script. Inside a turn.
    func deliver(_ answers: [HostInbox.Answer]) throws(ScriptError) {
        guard let settle, let context else { return }
        var held: [HeldException] = []
        defer { for exception in held { context.release(exception) } }
        var arguments: [ScriptValue] = []
        for answer in answers {
            pending[answer.number] = nil
            let place = waiting.removeValue(forKey: answer.number)
            release(place?.stream ?? 0, answer.result)
            switch answer.result {
            case .success(let value):
                arguments += [
                    .number(Double(answer.number)), .boolean(true), scriptValue(value, of: place?.dispatch ?? 0),
                ]
            case .failure(let error):
                let exception = try context.hold(HostException(error))
                held.append(exception)
                arguments += [.number(Double(answer.number)), .boolean(false), .held(exception)]
            }
        }
        do throws(ScriptError) {
            _ = try settle.call(arguments: arguments, form: .nothing)
        } catch .terminated(let termination) {
            throw .terminated(termination)
        } catch {
            // The prelude's function throws nothing: a value was too large. Alone, it is that one's.
            guard answers.count > 1 else { return try refuse(answers[0].number) }
            for answer in answers { try deliver([answer]) }
        }
    }

    private func refuse(_ number: Int) throws(ScriptError) {
        guard let settle, let context else { return }
        let exception = try context.hold(.tooLarge)
        defer { context.release(exception) }
        _ = try settle.call(arguments: [.number(Double(number)), .boolean(false), .held(exception)], form: .nothing)
    }

    /// A stream is free again when its read or write is answered.
    private func release(_ stream: Int, _ result: Result<HostValue, HostError>) {
        guard stream > 0 else { return }
        var isOver = false
        switch result {
        case .success(.undefined): isOver = true
        case .success: break
        case .failure: isOver = true
        }
        streams.free(stream, isOver: isOver)
    }

    private func scriptValue(_ value: HostValue, of dispatch: UInt32) -> ScriptValue {
        switch value {
        case .undefined: .undefined
        case .null: .null
        case .boolean(let flag): .boolean(flag)
        case .number(let number): .number(number)
        case .string(let text): .string(text)
        case .bytes(let bytes): .bytes(bytes)
        case .json(let text): .json(text)
        case .list(let values): .list(values.map { scriptValue($0, of: dispatch) })
        case .stream(let stream): .handle("stream", Double(streams.add(stream, of: dispatch)))
        case .sink(let sink): .handle("sink", Double(streams.add(sink, of: dispatch)))
        }
    }

    // MARK: What the script calls

    /// Answers an operation of the prelude that is about the host.
    func answer(_ operation: Prelude.HostOperation, _ call: borrowing Isolates.HostCall) {
        switch operation {
        case .callHost: callHost(call)
        case .cancelHostCall: if let number = call.integer(0) { pending[number]?.cancel() }
        case .readStream: readStream(call)
        case .writeSink: writeSink(call)
        case .finishSink: finishSink(call)
        case .cancelStream: if let number = call.integer(0) { streams.cancel(number) }
        case .makePipe:
            guard !streams.isFull else {
                return call.throwing(
                    HostException(HostError(.exhausted, "\(StreamTable.most) streams are open: end some of them first"))
                )
            }
            call.returning(.number(Double(streams.add(BytePipe() as any ByteSink, of: call.continuation))))
        }
    }

    /// `callHost(place, operation, number, pipe, which arguments are JSON, ...arguments)`: the value; of what answers
    /// later, undefined, or a list of the value where it is there already.
    private func callHost(_ call: borrowing Isolates.HostCall) {
        guard let place = call.integer(0), let operation = call.integer(1), let number = call.integer(2),
            let pipeNumber = call.integer(3), let json = call.integer(4)
        else { return call.throwing(.init(.typeError, "the call is malformed")) }
        var size = 0
        for index in 5..<max(5, call.argumentCount) {
            guard let bytes = call.argumentSize(index) else {
                return call.throwing(.init(.typeError, "argument \(index - 4) is neither a primitive nor bytes"))
            }
            size += bytes
        }
        let pipe = streams.pipe(pipeNumber)
        let dispatch = call.continuation
        let scope = scopeOf(dispatch) ?? self.scope
        do throws(HostError) {
            if scope.answersAtOnce(operation, on: place) == true {
                let value = try scope.callNow(operation, on: place, argumentBytes: size) { () throws(HostError) in
                    try call.hostValues(json: json, pipe: nil)
                }
                return call.returning(scriptValue(value, of: dispatch))
            }
            let slot = AnswerSlot(number, inbox)
            let kept = scope.call(operation, on: place, argumentBytes: size) { () throws(HostError) in
                try call.hostValues(json: json, pipe: pipe)
            } answer: {
                slot.answer($0)
            }
            guard let result = slot.leave() else {
                waiting[number] = Waiting(stream: 0, dispatch: dispatch)
                pending[number] = kept
                return
            }
            call.returning(.list([scriptValue(try result.get(), of: dispatch)]))
        } catch {
            call.throwing(HostException(error))
        }
    }

    /// `readStream(stream, number, most)`
    private func readStream(_ call: borrowing Isolates.HostCall) {
        guard let stream = call.integer(0), let number = call.integer(1), let most = call.integer(2) else { return }
        wait(number, streams.stream(stream), stream, call.continuation) { source, answer in
            source.read(atMost: min(max(1, most), Self.mostChunkBytes)) { result in
                answer(result.map { $0.map { .bytes($0) } ?? .undefined })
            }
        }
    }

    /// `writeSink(sink, number, bytes)`
    private func writeSink(_ call: borrowing Isolates.HostCall) {
        guard let sink = call.integer(0), let number = call.integer(1) else { return }
        guard let size = call.argumentSize(2), size <= Self.mostChunkBytes,
            let bytes = call.bytes(2)
        else { return call.throwing(.init(.typeError, "a chunk is at most \(Self.mostChunkBytes) bytes")) }
        wait(number, streams.sink(sink), sink, call.continuation) { sink, answer in
            sink.write(bytes) { answer($0.map { .null }) }
        }
    }

    /// `finishSink(sink, number)`
    private func finishSink(_ call: borrowing Isolates.HostCall) {
        guard let sink = call.integer(0), let number = call.integer(1) else { return }
        wait(number, streams.sink(sink), sink, call.continuation) { sink, answer in
            sink.finish { answer($0.map { .undefined }) }
        }
    }

    /// Begins what is answered later, on a stream that is there and idle.
    private func wait<Stream>(
        _ number: Int, _ stream: Stream?, _ place: Int, _ dispatch: UInt32,
        _ begin: (Stream, @escaping @Sendable (Result<HostValue, HostError>) -> Void) -> Void
    ) {
        guard let stream else {
            inbox.post(.init(number: number, result: .failure(HostError(.cancelled, "the stream is over, or busy"))))
            waiting[number] = Waiting(stream: 0, dispatch: dispatch)
            return
        }
        waiting[number] = Waiting(stream: place, dispatch: dispatch)
        begin(stream) { [inbox] in inbox.post(.init(number: number, result: $0)) }
    }
}

extension HostException {
    /// As scripts see it.
    init(_ error: HostError) {
        self.init(.error, error.message, name: HostError.scriptName, code: error.code.rawValue)
    }

    static let tooLarge = HostException(.rangeError, "the host's answer is too large for this isolate")
}

extension Isolates.HostCall {
    /// An argument that is a whole number, 0 where it is missing.
    fileprivate borrowing func integer(_ index: Int) -> Int? {
        guard case .number(let number)? = try? argument(index) else { return nil }
        return Int(exactly: number)
    }

    /// The arguments from the sixth on; `json` has a bit for each that is JSON text.
    fileprivate borrowing func hostValues(json: Int, pipe: BytePipe?) throws(HostError) -> [HostValue] {
        var values: [HostValue] = []
        values.reserveCapacity(argumentCount)
        for index in 5..<max(5, argumentCount) {
            if let bytes = bytes(index) {
                values.append(.bytes(bytes))
                continue
            }
            guard let value = try? argument(index) else { throw HostError(.invalidArgument, "argument \(index - 4)") }
            switch value {
            case .null: values.append(.null)
            case .boolean(let flag): values.append(.boolean(flag))
            case .number(let number): values.append(.number(number))
            case .string(let text):
                values.append(index < 37 && json >> (index - 5) & 1 == 1 ? .json(Array(text.utf8)) : .string(text))
            case .bytes(let bytes): values.append(.bytes(bytes))
            case .undefined, .json, .held, .clone, .list, .handle, .namespace, .prelude, .latin1:
                values.append(.undefined)
            }
        }
        if let pipe { values.append(.stream(pipe)) }
        return values
    }
}
