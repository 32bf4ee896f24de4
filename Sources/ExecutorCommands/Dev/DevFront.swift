// SPDX-License-Identifier: Apache-2.0
internal import ExecutorServer
internal import Synchronization

/// Answers for the worker, and says so while its last build is broken: pages that a browser asks for become the error's,
/// everything else has the last build that worked.
final class DevFront<Serving: DevServing>: RequestHandler {
    private struct State {
        var faults: [SourceFault] = []
        var works = false
    }

    private let serving: Serving
    private let state = Mutex(State())

    init(_ serving: Serving) { self.serving = serving }

    /// The last build works.
    func succeed() { state.withLock { $0 = State(faults: [], works: true) } }

    /// The last build is broken.
    func fail(_ faults: [SourceFault]) { state.withLock { $0.faults = faults } }

    func handle(_ request: ServerRequest, _ exchange: Exchange) -> (any ExchangeObserver)? {
        let (faults, works) = state.withLock { ($0.faults, $0.works) }
        let wantsPage = DevErrorPage.isWanted(request)
        guard !works || (!faults.isEmpty && wantsPage) else { return serving.handle(request, exchange) }
        if case .stream(let body, _) = request.body { body.cancel() }
        DevErrorPage(faults, kind: faults.isEmpty ? .building : .broken).answer(exchange, asPage: wantsPage)
        return nil
    }

    func turnEnded(loop: Int) { serving.turnEnded(loop: loop) }
}

/// What a client sees of a worker that does not work.
struct DevErrorPage {
    enum Kind {
        /// The first build is under way.
        case building
        /// The last build does not work.
        case broken
        /// The build works, and this request failed.
        case failed

        var title: String {
            switch self {
            case .building: "The first build is under way"
            case .broken: "The worker does not build"
            case .failed: "The worker failed"
            }
        }
    }

    private let faults: [SourceFault]
    private let kind: Kind

    init(_ faults: [SourceFault], kind: Kind) { (self.faults, self.kind) = (faults, kind) }

    /// Whether a browser asks for a page.
    static func isWanted(_ request: ServerRequest) -> Bool {
        request.head.headers.values(of: "accept").contains { $0.lowercased().contains("text/html") }
    }

    func answer(_ exchange: Exchange, asPage isPage: Bool) {
        let type = isPage ? "text/html; charset=utf-8" : "text/plain; charset=utf-8"
        exchange.respond(
            ExecutorServer.ResponseHead(
                status: 500,
                headers: [
                    "content-type": type, "cache-control": "no-store", "x-rookery-outcome": "exception",
                    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
                ]),
            body: Array((isPage ? html : text).utf8))
    }

    private var text: String {
        faults.isEmpty ? kind.title + "\n" : faults.map(\.text).joined(separator: "\n\n") + "\n"
    }

    /// Asks again until a build works; a request that failed is not made again.
    private var html: String {
        let blocks = faults.map { "<pre>\(Self.escaped($0.text))</pre>" }.joined(separator: "\n")
        let refresh = kind == .failed ? "" : "<meta http-equiv=\"refresh\" content=\"1\">"
        let footer = kind == .failed ? "" : "<p>This page comes again until it builds.</p>"
        return """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">\(refresh)
            <title>\(kind.title)</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 60rem; padding: 0 1rem;
              color: #222; background: #fff }
            pre { font: 14px/1.5 ui-monospace, monospace; padding: 1rem; overflow-x: auto; background: #fff4f2;
              border-left: 4px solid #d33 }
            @media (prefers-color-scheme: dark) { body { color: #ddd; background: #1b1b1b } pre { background: #2b1d1b } }
            </style>
            <h1>\(kind.title)</h1>
            \(blocks)
            \(footer)
            </html>

            """
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { output, scalar in
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            default: output.unicodeScalars.append(scalar)
            }
        }
    }
}
