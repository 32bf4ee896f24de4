// SPDX-License-Identifier: Apache-2.0
import Hummingbird
import WorkerRuntime

/// The shop as a server. The host is the process's own and may be shared.
public func makeApplication(
    host: WorkerHost, ledger: TenantLedger, address: BindAddress = .hostname("127.0.0.1", port: 8080)
) throws -> some ApplicationProtocol {
    let routes = try TenantRoutes(host: host, ledger: ledger, counts: ["nest box": 12, "feeder": 3, "gold": 1])
    return Application(router: routes.router(), configuration: .init(address: address, serverName: "shop"))
}
