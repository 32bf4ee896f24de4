// SPDX-License-Identifier: Apache-2.0
internal import ExecutorServer
internal import Synchronization
internal import WorkerRuntime

/// Builds a worker whenever its sources change, and serves the last build that works.
final class DevSession<Serving: DevServing>: Sendable {
    private let source: WorkerSource
    private let serving: Serving
    private let bundler: Bundler
    private let watch: FolderWatch
    private let front: DevFront<Serving>
    private let report: @Sendable (String) -> Void
    private let inputs = Mutex<[String]>([])

    /// - Parameter report: takes lines for the terminal.
    init(
        _ source: WorkerSource, _ serving: Serving, report: @escaping @Sendable (String) -> Void
    ) async throws {
        self.source = source
        self.serving = serving
        self.report = report
        bundler = try await Bundler(for: .development)
        watch = try FolderWatch()
        front = DevFront(serving)
    }

    /// What the HTTP front asks.
    var handler: DevFront<Serving> { front }

    /// Builds, and again after each change, until the task is cancelled.
    func run() async {
        // Watched first: a change while the first build runs is one too.
        look()
        await build()
        look()
        for await _ in watch.changes {
            await build()
            look()
        }
    }

    private func look() { watch.watch(ProjectFolders.of(source, inputs: inputs.withLock { $0 })) }

    private func build() async {
        let start = ContinuousClock.now
        let bundle: Bundle
        do {
            bundle = try await bundler.bundle(source.entry, in: source.folder)
        } catch {
            return fail(error.faults.map { SourceFault($0) })
        }
        inputs.withLock { $0 = bundle.inputs }
        if !bundle.warnings.isEmpty { report(SourceExcerpt.report(bundle.warnings) + "\n") }
        let faults = await serving.install(bundle)
        guard faults.isEmpty else { return fail(faults) }
        front.succeed()
        let time = (ContinuousClock.now - start).components
        let milliseconds = time.seconds * 1000 + time.attoseconds / 1_000_000_000_000_000
        report("built \(TerminalText.line(source.entry)) in \(milliseconds) ms, \(ByteCount.text(bundle.code.count))")
    }

    private func fail(_ faults: [SourceFault]) {
        front.fail(faults)
        report(faults.map(\.text).joined(separator: "\n\n") + "\n")
    }
}
