// SPDX-License-Identifier: Apache-2.0
internal import CIsolate

/// The C functions that the shim calls, each of which finds its isolate and goes on in Swift.
enum Callbacks {
    static func install(in options: inout ci_isolate_options_t) {
        unsafe options.on_host_call = { context, call in
            let state = unsafe Callbacks.state(context)
            state.hostCalls += 1
            let handler = unsafe state.operations[ci_host_call_operation(call)]
            let hostCall = unsafe HostCall(raw: call, state: state)
            let wasInside = state.isInHostCall
            state.isInHostCall = true
            defer { state.isInHostCall = wasInside }
            if let handler { handler(hostCall) } else { hostCall.throwing(.init(.error, "this operation has no host")) }
        }
        unsafe options.on_import = { context, request in
            let state = unsafe Callbacks.state(context)
            state.moduleHost?.importDynamically(unsafe DynamicImport(request.pointee))
        }
        unsafe options.on_import_meta = { context, url, out in
            let state = unsafe Callbacks.state(context)
            guard let host = state.moduleHost else { return }
            let meta = host.importMeta(of: unsafe String(url))
            unsafe out.pointee.is_main = meta.isMain
            unsafe state.lentMeta.lend(meta, to: &out.pointee)
        }
        unsafe options.on_resolve = { context, referrer, call in
            let state = unsafe Callbacks.state(context)
            let hostCall = unsafe HostCall(raw: call, state: state)
            do throws(ScriptError) {
                guard let host = state.moduleHost, case .string(let specifier) = try hostCall.argument(0) else {
                    hostCall.throwing(.init(.typeError, "import.meta.resolve takes a string"))
                    return
                }
                do throws(HostException) {
                    hostCall.returning(.string(try host.resolve(specifier, from: unsafe String(referrer))))
                } catch {
                    hostCall.throwing(error)
                }
            } catch {
                // The argument could not be read: a JavaScript exception is under way.
            }
        }
        unsafe options.on_stack = { context, stack, out in
            let state = unsafe Callbacks.state(context)
            guard let host = state.moduleHost else { return }
            let text = host.rewriteStack(unsafe String(stack))
            unsafe text.withSlice { unsafe ci_stack_set(out, $0) }
        }
        unsafe options.on_overrun = { context, overrun in
            unsafe Callbacks.state(context).decide(Escalation.Look(overrun.pointee)).raw
        }
        unsafe options.on_lost = { context, turn in unsafe Callbacks.state(context).lose(LostTurn(turn.pointee)) }
        unsafe options.on_task = { context in unsafe Callbacks.state(context).mailbox.wake() }
    }

    private static func state(_ context: UnsafeMutableRawPointer?) -> IsolateState {
        // The shim hands back what ci_isolate_new was given, and never calls after ci_isolate_dispose.
        guard let context = unsafe context else { preconditionFailure("a callback without its isolate") }
        return unsafe Unmanaged<IsolateState>.fromOpaque(context).takeUnretainedValue()
    }
}

/// Bytes that an import.meta callback lends to the shim until the next one.
@safe struct LentImportMeta: ~Copyable {
    private var filename: UnsafeMutableBufferPointer<UInt8>?
    private var dirname: UnsafeMutableBufferPointer<UInt8>?

    init() {
        unsafe filename = nil
        unsafe dirname = nil
    }

    mutating func lend(_ meta: ImportMeta, to out: inout ci_import_meta_t) {
        unsafe filename?.deallocate()
        unsafe dirname?.deallocate()
        unsafe filename = Self.copy(meta.filename ?? "")
        unsafe dirname = Self.copy(meta.dirname ?? "")
        unsafe out.filename = ci_slice_t(bytes: filename?.baseAddress, count: filename?.count ?? 0)
        unsafe out.dirname = ci_slice_t(bytes: dirname?.baseAddress, count: dirname?.count ?? 0)
    }

    private static func copy(_ text: String) -> UnsafeMutableBufferPointer<UInt8> {
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
        _ = unsafe copy.initialize(from: text.utf8)
        return unsafe copy
    }

    deinit {
        unsafe filename?.deallocate()
        unsafe dirname?.deallocate()
    }
}
