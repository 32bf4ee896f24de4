// SPDX-License-Identifier: Apache-2.0
internal import HostAPI

/// Finds the ways to a host that a grant allows, through its proxy where it has one.
struct RouteFinder: Sendable {
    let resolver: AddressResolver
    let secrets: Secrets
    let grant: NetworkGrant
    let caller: String

    typealias Found = @Sendable (Result<[Route], HostError>) -> Void

    /// Routes in the order to try them; through a proxy each is a tunnel.
    func routes(to request: NetworkRequest, isSecure: Bool, _ found: @escaping Found) {
        guard let proxy = grant.proxy else {
            return resolver.addresses(for: request, under: grant, caller: caller) { result in
                found(
                    result.map { addresses in
                        addresses.map {
                            Route(isSecure: isSecure, host: request.host, address: $0, port: request.port)
                        }
                    })
            }
        }
        if proxy.resolvesNames, case .name(let name) = request.host, !AddressResolver.isLocal(name) {
            return tunnels(["\(request.host):\(request.port)"], proxy, request, isSecure, found)
        }
        resolver.addresses(for: request, under: grant, caller: caller) { result in
            switch result {
            case .success(let addresses):
                tunnels(
                    addresses.map { "\(NetworkHost.address($0)):\(request.port)" }, proxy, request, isSecure, found)
            case .failure(let error): found(.failure(error))
            }
        }
    }

    private func tunnels(
        _ authorities: [String], _ proxy: NetworkProxy, _ request: NetworkRequest, _ isSecure: Bool,
        _ found: @escaping Found
    ) {
        do throws(HostError) {
            let authorization = try proxy.authorization.map { template throws(HostError) in try secrets.fill(template) }
            let toProxy = try NetworkRequest(scheme: "http", host: "\(proxy.host)", port: proxy.port)
            // The operator's proxy may be anywhere.
            resolver.addresses(for: toProxy, under: .everything, caller: "") { result in
                found(
                    result.map { addresses in
                        addresses.flatMap { address in
                            authorities.map { authority in
                                Route(
                                    isSecure: isSecure, host: request.host, address: address, port: proxy.port,
                                    tunnel: .init(authority: authority, authorization: authorization))
                            }
                        }
                    })
            }
        } catch {
            found(.failure(error))
        }
    }
}
