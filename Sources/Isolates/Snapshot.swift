// SPDX-License-Identifier: Apache-2.0
internal import CIsolate
internal import Synchronization

/// A heap and its contexts as they were after the host's own scripts ran; isolates start from it.
public struct Snapshot: Sendable {
    /// A script of the snapshot: the body of a function `(primordials, internals, host)`.
    public struct Script: Sendable {
        /// Shown in stack traces.
        public let name: String
        /// JavaScript, UTF-8.
        public let source: [UInt8]

        /// Names a script.
        public init(name: String, source: [UInt8]) {
            self.name = name
            self.source = source
        }
    }

    /// Scripts that a context runs when one of their globals is first named: they cost nothing before. They set what
    /// they define in `internals.exposed`, and the globals look like any others. Other scripts load the part with
    /// `internals.parts[name]`.
    public struct Part: Sendable {
        /// How scripts of the snapshot name the part.
        public let name: String
        /// The names that the part makes.
        public let globals: [String]
        /// In load order.
        public let scripts: [Script]

        /// Describes a part.
        public init(name: String, globals: [String], scripts: [Script]) {
            self.name = name
            self.globals = globals
            self.scripts = scripts
        }
    }

    /// The blob. Only as good as where it comes from: V8 checks its version and a checksum, no more.
    public let bytes: [UInt8]
    /// What ran in it. Their text is not in the blob.
    public let scripts: [Script]
    /// What loads later.
    public let parts: [Part]

    /// What of Rookery itself is baked into a snapshot: part of the key under which one is kept.
    public static var recipe: String { unsafe String(cString: ci_snapshot_recipe()) }

    /// A snapshot that was made before, by this V8 with these flags, of these scripts and with parts of these globals.
    public init(bytes: [UInt8], scripts: [Script], parts: [Part] = []) {
        self.bytes = bytes
        self.scripts = scripts
        self.parts = parts
    }

    /// Runs the scripts in a new heap and serialises it; about 40 ms.
    ///
    /// `operations[i]` becomes `host[operations[i]]`, a function that calls operation `i` of the host's table.
    /// `internals.exports` names the functions that the host may call.
    /// - Parameter warmUp: runs in a context that is thrown away; functions that it calls are in the snapshot with
    ///   their code. The host's operations answer undefined there, and parts cannot load. It returns a function that
    ///   is called when microtasks have run, and throws where the warm-up went wrong.
    /// - Throws: `EngineError.snapshot` where a script throws, `.refused` while isolates exist.
    public init(
        _ engine: Engine, scripts: [Script], operations: [String], parts: [Part] = [], warmUp: Script? = nil
    ) throws(EngineError) {
        self.scripts = scripts
        self.parts = parts
        var blob = unsafe ci_slice_t()
        var error = unsafe ci_error_t()
        let names = operations.map { Array($0.utf8) }
        // The last one is the warm-up.
        let all = scripts + [warmUp ?? Script(name: "", source: [])]
        let status = unsafe Self.withScripts(all) { all in
            unsafe Self.withSlices(of: names) { names in
                var options = unsafe ci_snapshot_options_t()
                unsafe options.size = MemoryLayout<ci_snapshot_options_t>.size
                unsafe options.scripts = all.baseAddress
                unsafe options.script_count = scripts.count
                unsafe options.warm_up = all[scripts.count]
                unsafe options.operations = names.baseAddress
                unsafe options.operation_count = names.count
                let parts = unsafe Self.leak(parts)
                unsafe options.parts = UnsafePointer(parts.baseAddress)
                unsafe options.part_count = parts.count
                return unsafe ci_snapshot_new(&options, &blob, &error)
            }
        }
        defer { unsafe ci_error_dispose(&error) }
        switch status {
        case .ok: break
        case .scriptError:
            throw .snapshot(unsafe "\(String(error.message)) (\(String(error.url)):\(error.line))")
        default: throw .refused("a snapshot can only be made before the first isolate")
        }
        bytes = unsafe [UInt8](blob)
        unsafe ci_bytes_dispose(blob.bytes)
    }

    /// Hands blob, scripts and parts to the shim, at addresses that hold for the rest of the process.
    func use() -> ci_status_t {
        let scripts = unsafe Self.leak(scripts)
        let parts = unsafe Self.leak(parts)
        return unsafe ci_snapshot_use(
            Self.leak(bytes), scripts.baseAddress, scripts.count, parts.baseAddress, parts.count)
    }

    private static func leak(_ bytes: [UInt8]) -> ci_slice_t {
        let copy = unsafe leakAll(bytes)
        return unsafe ci_slice_t(bytes: copy.baseAddress, count: copy.count)
    }

    private static func leakAll<Element>(_ elements: [Element]) -> UnsafeMutableBufferPointer<Element> {
        let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
        _ = unsafe copy.initialize(from: elements)
        kept.withLock { $0.append(UInt(bitPattern: copy.baseAddress)) }
        return unsafe copy
    }

    /// What was handed to the shim for good; the addresses tell a leak checker so.
    private static let kept = Mutex<[UInt]>([])

    private static func leak(_ scripts: [Script]) -> UnsafeMutableBufferPointer<ci_snapshot_script_t> {
        unsafe leakAll(
            scripts.map { unsafe ci_snapshot_script_t(name: leak(Array($0.name.utf8)), source: leak($0.source)) })
    }

    private static func leak(_ parts: [Part]) -> UnsafeMutableBufferPointer<ci_snapshot_part_t> {
        unsafe leakAll(
            parts.map { part in
                let globals = unsafe leakAll(part.globals.map { unsafe leak(Array($0.utf8)) })
                let scripts = unsafe leak(part.scripts)
                return unsafe ci_snapshot_part_t(
                    name: leak(Array(part.name.utf8)), globals: globals.baseAddress, global_count: globals.count,
                    scripts: scripts.baseAddress, script_count: scripts.count)
            })
    }

    private static func withScripts<R>(
        _ scripts: [Script], _ body: (UnsafeBufferPointer<ci_snapshot_script_t>) -> R
    ) -> R {
        let names = scripts.map { Array($0.name.utf8) }
        return unsafe withSlices(of: names) { names in
            unsafe withSlices(of: scripts.map(\.source)) { sources in
                let raw = unsafe zip(names, sources).map { unsafe ci_snapshot_script_t(name: $0, source: $1) }
                return unsafe raw.withUnsafeBufferPointer(body)
            }
        }
    }

    private static func withSlices<R>(of texts: [[UInt8]], _ body: (UnsafeBufferPointer<ci_slice_t>) -> R) -> R {
        // One block for all: slices into it stay valid together.
        let joined = Array(texts.joined())
        return unsafe joined.withUnsafeBufferPointer { block in
            var offset = 0
            let slices = unsafe texts.map { text in
                defer { offset += text.count }
                return unsafe ci_slice_t(bytes: block.baseAddress.map { unsafe $0 + offset }, count: text.count)
            }
            return unsafe slices.withUnsafeBufferPointer(body)
        }
    }
}
