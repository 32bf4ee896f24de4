// SPDX-License-Identifier: Apache-2.0
internal import CPrelude
public import Isolates

/// The JavaScript that every context starts with, and the operations of the host that it calls.
public enum Prelude {
    /// Operations that the host must answer, in the order of their indices.
    public enum Operation: String, CaseIterable, Sendable {
        /// `log(level, text)`: a console line; level is log, info, debug, warn or error.
        case log
        /// `armTimer(milliseconds, holds)`: call `runTimers` then; below zero: no timer is left. Unless it
        /// holds, a run need not wait for it.
        case armTimer
        /// `runJob(number)`: a promise that is fulfilled when the job has run, whose result `finishJob` has then; undefined
        /// where it may not.
        case runJob
        /// `respond(dispatch, status, statusText, headers, body)`: a handler's answer. Headers are lines of names and values,
        /// each ended by a line feed. The body is undefined (none), a string, bytes, or true: the result is a sink for it then.
        case respond
        /// `finishDispatch(dispatch)`: the handler, its response's body and what `waitUntil` was given are done.
        case finishDispatch
        /// `failDispatch(dispatch)`: the handler threw, or its answer is none; `takeFailure` has what.
        case failDispatch
        /// `openSocket(dispatch, headers)`: the handler's answer is a WebSocket, which has the dispatch's number. Its
        /// subprotocol, or an empty text; undefined where nobody waits for it. Throws where the client did not ask for
        /// one, or there may be no more.
        case openSocket
        /// `receiveSocket(socket)`: its messages may come to `receiveMessage`.
        case receiveSocket
        /// `sendSocket(socket, message)`: a string, or bytes. Nothing happens where it is over.
        case sendSocket
        /// `closeSocket(socket, code, reason)`: once what was sent is out.
        case closeSocket
    }

    /// Operations of the host that reach what a script was granted, after those of `Operation`. Numbers of calls are the
    /// script's: `settleHostCalls` brings the answers under them.
    public enum HostOperation: String, CaseIterable, Sendable {
        /// `callHost(place, operation, number, pipe, json, ...arguments)`: a binding by its place, an operation by its
        /// index, 0 or the sink of a pipe that is the last argument, the arguments that are JSON text as bits. The
        /// value; of what answers later undefined, or a list of the value where it is there already.
        case callHost
        /// `cancelHostCall(number)`
        case cancelHostCall
        /// `readStream(stream, number, most)`: up to so many bytes, undefined at the end.
        case readStream
        /// `writeSink(sink, number, bytes)`: null when another chunk may come.
        case writeSink
        /// `finishSink(sink, number)`: undefined when all is in place.
        case finishSink
        /// `cancelStream(streamOrSink)`
        case cancelStream
        /// `makePipe()`: a sink that `callHost` takes as its pipe.
        case makePipe
    }

    /// Functions of the prelude that the host calls.
    public enum Export: String, CaseIterable, Sendable {
        /// `runTimers()`: runs the timers that are due.
        case runTimers
        /// `setProcess(file, arguments, flat list of names and values)`: defines `process`.
        case setProcess
        /// `inspectError(value)`: the text in which an uncaught value is shown.
        case inspectError
        /// `approachLimit(limit, used, total)`: tells the script that it has used most of a limit; limit is cpu or
        /// wall, both in milliseconds, or memory, in bytes.
        case approachLimit
        /// `setWorker(namespace, flat list of names and values)`: which handlers the module has: 1 fetch, 2 scheduled.
        case setWorker
        /// `dispatchFetch(dispatch, head, body)`: calls the handler. The head is lines, each ended by a line feed: the
        /// method, the URL, names and values of headers; the body is undefined, bytes, or a handle of a stream.
        case dispatchFetch
        /// `dispatchScheduled(dispatch, cron, time in milliseconds since 1970)`: calls the handler.
        case dispatchScheduled
        /// `takeFailure(dispatch)`: throws what `failDispatch` told of.
        case takeFailure
        /// `abortDispatch(dispatch, message)`: nobody waits for the response any more.
        case abortDispatch
        /// `awaitsAbort(dispatch)`: whether the script listens for that.
        case awaitsAbort
        /// `receiveMessage(socket, string or bytes)`: a client's message.
        case receiveMessage
        /// `endSocket(socket, code, reason, wasClean, message)`: it is closed; the message of its failure, or an empty one.
        case endSocket
        /// `makeEnv()`: a new object with what was granted, and `process.env`'s variables.
        case makeEnv
        /// `filesModule()`: what the module `rookery:files` exports.
        case filesModule
        /// `setHost(list of { name, capability, place, operations: { name: index }, sync: [name] })`: what was granted.
        case setHost
        /// `settleHostCalls(...[number, whether it is a value, value or exception])`: answers of the host.
        case settleHostCalls
    }

    /// Parts that a context loads when a script first names what is in them.
    enum Part: String, CaseIterable {
        case url
        case urlPattern
        case streams
        /// What `console` needs to show values.
        case inspect
        // ECMAScript's own that V8 10.2 lacks, with what they share in `ecma`.
        case ecma
        case arrays
        case byteText
        case collections
        case disposal
        case iterators
        case values
        case compression
        case mime
        case blob
        case fileReader
        case formData
        case multipart
        case fetch
        case dataUrl
        case wasm
        case clone
        case messaging
        case streamTransfer
        case performance
        case timeline
        case navigator
        case quota
        case crypto
        case subtle
        case webSocket
        case eventSource
        // What scripts were granted: the objects of bindings, and what they share.
        case network
        case integrity
        case kv
        case files
        case smallBindings
        case otherBindings

        /// Names of the global object, or `HOLDER.name` for a property of what the primordials call so.
        var globals: [String] {
            switch self {
            case .url: ["URL", "URLSearchParams"]
            case .urlPattern: ["URLPattern"]
            case .inspect: []
            case .quota: ["QuotaExceededError"]
            case .crypto: ["Crypto"]
            case .subtle: ["CryptoKey", "SubtleCrypto"]
            case .streams:
                [
                    "ReadableStream", "ReadableStreamDefaultReader", "ReadableStreamBYOBReader",
                    "ReadableStreamDefaultController", "ReadableByteStreamController", "ReadableStreamBYOBRequest",
                    "WritableStream", "WritableStreamDefaultWriter", "WritableStreamDefaultController",
                    "TransformStream", "TransformStreamDefaultController", "ByteLengthQueuingStrategy",
                    "CountQueuingStrategy", "TextEncoderStream", "TextDecoderStream",
                ]
            case .ecma: []
            case .arrays:
                ["Array.fromAsync", "Map.groupBy", "Object.groupBy"]
                    + Self.members("ArrayPrototype", "toReversed toSorted toSpliced with")
                    + Self.members("TypedArrayPrototype", "toReversed toSorted with")
            case .byteText:
                Self.members("ArrayBufferPrototype", "transfer transferToFixedLength")
                    + Self.members("Uint8Array", "fromBase64 fromHex")
                    + Self.members("Uint8ArrayPrototype", "setFromBase64 setFromHex toBase64 toHex")
            case .collections:
                Self.members("MapPrototype", "getOrInsert getOrInsertComputed")
                    + Self.members(
                        "SetPrototype",
                        "difference intersection isDisjointFrom isSubsetOf isSupersetOf symmetricDifference union")
                    + Self.members("WeakMapPrototype", "getOrInsert getOrInsertComputed")
            case .disposal:
                [
                    "AsyncDisposableStack", "AsyncIteratorPrototype.@@asyncDispose", "DisposableStack",
                    "SuppressedError",
                ]
            case .iterators:
                ["Iterator"]
                    + Self.members(
                        "IteratorPrototype",
                        "drop every filter find flatMap forEach map reduce some take toArray @@dispose")
            case .values:
                ["Error.isError", "Math.sumPrecise", "RegExp.escape"]
                    + Self.members("Promise", "try withResolvers")
                    + Self.members("StringPrototype", "isWellFormed toWellFormed")
            case .compression: ["CompressionStream", "DecompressionStream"]
            case .blob: ["Blob", "File", "FileList"]
            case .fileReader: ["FileReader", "FileReaderSync", "ProgressEvent"]
            case .webSocket: ["CloseEvent", "WebSocket", "WebSocketPair"]
            case .eventSource: ["EventSource"]
            case .formData: ["FormData"]
            // What other parts of the prelude load.
            case .fetch, .mime, .multipart, .dataUrl, .wasm: []
            // Without a global of their own: other parts and functions of the prelude load them.
            case .clone, .streamTransfer: []
            case .messaging: ["MessageChannel", "MessagePort", "BroadcastChannel"]
            case .performance: ["Performance"]
            case .timeline:
                [
                    "PerformanceEntry", "PerformanceMark", "PerformanceMeasure", "PerformanceObserver",
                    "PerformanceObserverEntryList",
                ]
            case .navigator: ["Navigator"]
            case .network, .integrity, .kv, .files, .smallBindings, .otherBindings: []
            }
        }

        private static func members(_ holder: String, _ names: String) -> [String] {
            names.split(separator: " ").map { "\(holder).\($0)" }
        }
    }

    /// The snapshot's scripts in load order.
    public static var scripts: [Snapshot.Script] { scripts(of: nil) }

    /// Makes requests of a worker while the snapshot is made, so that the code of what they call is in it.
    public static var warmUp: Snapshot.Script { unsafe script(cprelude_warm_up) }

    /// What loads later.
    public static var parts: [Snapshot.Part] {
        Part.allCases.map { part in
            Snapshot.Part(
                name: part.rawValue, globals: part.globals, scripts: scripts(of: part.rawValue))
        }
    }

    /// Names of all operations, by their indices.
    public static var operations: [String] {
        Operation.allCases.map(\.rawValue) + HostOperation.allCases.map(\.rawValue)
    }

    private static func scripts(of part: String?) -> [Snapshot.Script] {
        let all = unsafe UnsafeBufferPointer(start: cprelude_scripts, count: cprelude_script_count)
        return unsafe all.filter { unsafe $0.part.map { unsafe String(cString: $0) } == part }.map { unsafe script($0) }
    }

    private static func script(_ script: cprelude_script_t) -> Snapshot.Script {
        unsafe Snapshot.Script(
            name: String(cString: script.name),
            source: withoutComments(Array(UnsafeBufferPointer(start: script.bytes, count: script.count))))
    }

    /// Makes the startup snapshot.
    public static func makeSnapshot(_ engine: Engine) throws(EngineError) -> Snapshot {
        try Snapshot(engine, scripts: scripts, operations: operations, parts: parts, warmUp: warmUp)
    }

    /// Empties the lines that are comments: heaps hold the text of scripts. The others keep their numbers.
    private static func withoutComments(_ source: [UInt8]) -> [UInt8] {
        let lines = source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return Array(
            lines.map { $0.drop { $0 == UInt8(ascii: " ") }.starts(with: "//".utf8) ? [] : $0 }
                .joined(separator: "\n".utf8))
    }
}
