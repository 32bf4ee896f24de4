// SPDX-License-Identifier: Apache-2.0
import Embedding
import Foundation
import Hummingbird
import WorkerRuntime

@main
struct Server {
    static func main() async throws {
        let ledger = TenantLedger()
        let host = try WorkerHost(
            WorkerEngine(cacheFolder: nil), options: .init(cores: ProcessInfo.processInfo.activeProcessorCount),
            observer: ledger)
        try await makeApplication(host: host, ledger: ledger).runService()
        _ = await host.drain(within: .seconds(10))
        await host.stop()
    }
}
