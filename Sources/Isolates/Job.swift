// SPDX-License-Identifier: Apache-2.0
internal import CIsolate

/// A long computation that JavaScript asked for, apart from its isolate: any thread may do it, once.
///
/// What it needs is charged to the isolate, and freed with this object unless it ran.
@safe public final class Job: @unchecked Sendable {
    private let raw: OpaquePointer

    fileprivate init(owning raw: OpaquePointer) { unsafe self.raw = raw }

    /// Computes to the end, or until `goesOn` says no, which is asked every millisecond or so with the CPU time that
    /// this took so far. The calling thread has the lowest priority from then on.
    /// - Returns: the CPU time.
    public func run(_ goesOn: (Duration) -> Bool) -> Duration {
        let spent = withoutActuallyEscaping(goesOn) { goesOn in
            unsafe withUnsafePointer(to: goesOn) { pointer in
                unsafe ci_job_run(raw, UnsafeMutableRawPointer(mutating: UnsafeRawPointer(pointer))) { context, spent in
                    guard let context = unsafe context else { return false }
                    let goesOn = unsafe context.assumingMemoryBound(to: ((Duration) -> Bool).self)
                    return unsafe goesOn.pointee(.nanoseconds(spent))
                }
            }
        }
        return .nanoseconds(spent)
    }

    deinit { unsafe ci_job_dispose(raw) }
}

extension HostCall {
    /// Takes the job whose number is an argument; `nil` where there is none, or somebody took it before.
    public func job(_ index: Int) -> Job? {
        guard case .number(let number)? = try? argument(index), let number = UInt32(exactly: number),
            let isolate = try? unsafe state.here()
        else { return nil }
        var job: OpaquePointer?
        guard unsafe ci_job_take(isolate, number, &job) == .ok, let job = unsafe job else { return nil }
        return unsafe Job(owning: job)
    }
}
