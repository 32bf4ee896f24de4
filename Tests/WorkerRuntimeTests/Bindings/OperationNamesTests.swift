// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Isolates
import Prelude
import Testing

@Suite("Names of operations") struct OperationNamesTests {
    @Test("The operations that the prelude names are those that capabilities have")
    func names() throws {
        let table = try HostTable([
            Environment([:]), Files(base: "/"), KeyValue(MemoryKeyValueStore()), Log(to: { _ in }), Random(),
            WallClock(), Services { _, _ in {} },
        ])
        // The capability of requests is registered where the network is.
        let registered = Set(table.operations).union(["fetch.send"])
        let sources = Prelude.parts.flatMap(\.scripts).map { String(decoding: $0.source, as: UTF8.self) }
        let named = sources.flatMap { $0.matches(of: /nameOf\('([^']*)'\)/) }.map { String($0.1) }
        #expect(Set(named).subtracting(registered) == [], "named, and not registered")
        #expect(registered.subtracting(named) == [], "registered, and not named")
        #expect(named.count == Set(named).count, "named twice")
    }
}
