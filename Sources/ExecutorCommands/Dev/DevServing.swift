// SPDX-License-Identifier: Apache-2.0
internal import ExecutorServer
internal import WorkerRuntime

/// Serves one worker, in the version that was installed last.
protocol DevServing: RequestHandler {
    /// Takes a bundle into service if its modules evaluate.
    /// - Returns: why it does not work, in terms of the sources; the bundle before stays then. Nothing where all is well.
    func install(_ bundle: Bundle) async -> [SourceFault]
}
