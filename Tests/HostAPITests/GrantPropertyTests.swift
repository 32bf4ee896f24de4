// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import HostAPI
import Testing

/// Of thousands of random grants: what a narrowed grant allows, both allow; and what both allow, it allows.
@Suite struct GrantPropertyTests {
    private static let hosts = [
        "a.test", "b.a.test", "c.b.a.test", "xa.test", "localhost", "127.0.0.1", "10.1.2.3", "93.184.216.34", "[::1]",
        "[2606:4700::1]",
    ]
    private static let patterns = [
        "*", "*:443", "a.test", "*.a.test", "*.b.a.test:80", "*.test", "localhost:80", "127.0.0.1", "10.0.0.0/8",
        "[::1]:443", "b.a.test:443", "2606:4700::/32",
    ]
    private static let addresses = [
        "127.0.0.1", "10.1.2.3", "10.200.0.1", "93.184.216.34", "::1", "2606:4700::1", "::ffff:10.1.2.3", "fd00::1",
        "169.254.169.254",
    ]
    private static let blocks = [
        "10.0.0.0/8", "10.1.0.0/16", "127.0.0.0/8", "0.0.0.0/0", "::/0", "::1", "::ffff:0:0/96", "169.254.169.254",
        "fc00::/7",
    ]
    private static let paths = ["/", "/v1", "/v1/", "/v1/a", "/v1/a/b", "/v2/a", "/v1/..", "/v1/%2e%2e/x"]
    private static let pathPatterns = ["/**", "/v1/**", "/v1/*", "/v1", "/*/a", "/v1/a"]

    private func network(_ random: inout SeededRandom) throws -> NetworkGrant {
        let rules = try (0..<Int.random(in: 1...3, using: &random)).map { _ in
            try NetworkRule(
                hosts: random.some(of: Self.patterns, atMost: 5).map { text throws(GrantError) in try HostPattern(text)
                },
                schemes: Bool.random(using: &random) ? nil : Set(random.some(of: ["http", "https", "wss"], atMost: 3)),
                methods: Bool.random(using: &random) ? nil : Set(random.some(of: ["GET", "POST"], atMost: 2)),
                paths: Int.random(in: 0...2, using: &random) > 0
                    ? nil
                    : random.some(of: Self.pathPatterns, atMost: 2).map { text throws(GrantError) in
                        try PathPattern(text)
                    },
                headers: Bool.random(using: &random)
                    ? [:] : ["X": try HeaderTemplate(["1", "${A}"].randomElement(using: &random) ?? "")],
                secrets: Set(random.some(of: ["A", "B"], atMost: 2)))
        }
        let blocks = try random.some(of: Self.blocks, atMost: 3).map { text throws(GrantError) in try AddressBlock(text)
        }
        var limits = HostLimits.none
        if Bool.random(using: &random) { limits[.subrequests] = Int.random(in: 0...9, using: &random) }
        if Bool.random(using: &random) { limits[.egressBytes] = Int.random(in: 0...9, using: &random) }
        return NetworkGrant(rules: rules, addresses: AddressPolicy(granted: blocks), limits: limits)
    }

    @Test("Network", arguments: [1, 2, 3, 4] as [UInt64])
    func network(seed: UInt64) throws {
        var random = SeededRandom(state: seed)
        var allowed = 0
        for _ in 0..<250 {
            let (one, two, three) = try (network(&random), network(&random), network(&random))
            var narrowed = one.narrowed(by: two)
            var parents = [one, two]
            if Bool.random(using: &random) {
                narrowed = narrowed.narrowed(by: three)
                parents.append(three)
            }
            if Int.random(in: 0..<10, using: &random) == 0 {
                narrowed = try JSONDecoder().decode(NetworkGrant.self, from: JSONEncoder().encode(narrowed))
            }
            for _ in 0..<20 {
                let request = try NetworkRequest(
                    scheme: ["http", "https"].randomElement(using: &random) ?? "http",
                    host: Self.hosts.randomElement(using: &random) ?? "",
                    method: ["GET", "POST"].randomElement(using: &random) ?? "GET",
                    path: Self.paths.randomElement(using: &random) ?? "/")
                let address = try #require(Self.addresses.randomElement(using: &random).flatMap { IPAddress($0) })
                let permission = try? narrowed.check(request)
                let theirs = parents.map { try? $0.check(request) }
                let mayConnect = (try? narrowed.check(address, of: request)) != nil
                if (permission != nil) != theirs.allSatisfy({ $0 != nil })
                    || mayConnect != parents.allSatisfy({ (try? $0.check(address, of: request)) != nil })
                {
                    Issue.record("\(request) \(address): \(narrowed)")
                }
                guard let permission else { continue }
                allowed += 1
                for their in theirs {
                    #expect(permission.secrets.isSubset(of: their?.secrets ?? []))
                    for (name, value) in permission.headers { #expect(their?.headers[name] == value) }
                }
            }
            for quantity in Quantity.allCases {
                #expect(narrowed.limits[quantity] == parents.compactMap { $0.limits[quantity] }.min())
            }
        }
        #expect(allowed > 50)
    }

    @Test("Files", arguments: [5, 6] as [UInt64])
    func files(seed: UInt64) throws {
        let paths = [".", "a", "a/b", "a/b/c", "a/../b", "ab", "b", "/a", "a//b/", "e\u{301}", "\u{e9}"]
        var random = SeededRandom(state: seed)
        for _ in 0..<1000 {
            func grant() -> FileGrant {
                FileGrant(
                    read: random.some(of: paths, atMost: 3), write: random.some(of: paths, atMost: 3),
                    mostBytes: [nil, 1, 5].randomElement(using: &random) ?? nil,
                    mostFiles: [nil, 2].randomElement(using: &random) ?? nil)
            }
            let (one, two) = (grant(), grant())
            let both = one.narrowed(by: two)
            for path in paths + ["a/b/c/d", "../a", "..", "", "a\0"] {
                #expect(
                    both.allowsReading(path) == (one.allowsReading(path) && two.allowsReading(path)),
                    "\(one) \(two) \(path)")
                #expect(both.allowsWriting(path) == (one.allowsWriting(path) && two.allowsWriting(path)))
            }
            #expect(both.mostBytes == [one.mostBytes, two.mostBytes].compactMap { $0 }.min())
            #expect(both.mostFiles == [one.mostFiles, two.mostFiles].compactMap { $0 }.min())
        }
    }

    @Test("Keys and values", arguments: [7, 8] as [UInt64])
    func keyValue(seed: UInt64) throws {
        let names = ["a", "b", "c"]
        let prefixes = ["", "x", "x/", "xy", "e", "e\u{301}", "\u{e9}"]
        var random = SeededRandom(state: seed)
        for _ in 0..<1000 {
            func grant() throws -> KeyValueGrant {
                try KeyValueGrant(
                    read: Set(random.some(of: names, atMost: 3)), write: Set(random.some(of: names, atMost: 3)),
                    prefixes: Bool.random(using: &random) ? nil : random.some(of: prefixes, atMost: 2),
                    quota: KeyValueQuota(bytes: [nil, 3, 4].randomElement(using: &random) ?? nil))
            }
            let (one, two) = (try grant(), try grant())
            let both = one.narrowed(by: two)
            for key in prefixes + ["x/1", "\u{e9}1", "e\u{301}1"] {
                for name in names {
                    #expect(
                        both.allowsReading(key, in: name)
                            == (one.allowsReading(key, in: name) && two.allowsReading(key, in: name)))
                    #expect(
                        both.allowsWriting(key, in: name)
                            == (one.allowsWriting(key, in: name) && two.allowsWriting(key, in: name)))
                }
            }
            #expect(both.quota.bytes == [one.quota.bytes, two.quota.bytes].compactMap { $0 }.min())
        }
    }

    @Test("Environment, log, clock and random")
    func others() {
        var random = SeededRandom(state: 9)
        let names = ["A", "B", "C"]
        for _ in 0..<1000 {
            func environment() -> EnvironmentGrant {
                EnvironmentGrant(names: Bool.random(using: &random) ? nil : Set(random.some(of: names, atMost: 3)))
            }
            let (one, two) = (environment(), environment())
            let both = one.narrowed(by: two)
            for name in names { #expect(both.allows(name) == (one.allows(name) && two.allows(name))) }

            func log() -> LogGrant {
                LogGrant(
                    lines: [nil, 1, 2].randomElement(using: &random) ?? nil,
                    bytes: [nil, 5, 6].randomElement(using: &random) ?? nil)
            }
            let (left, right) = (log(), log())
            let narrow = left.narrowed(by: right)
            #expect(narrow.lines == [left.lines, right.lines].compactMap { $0 }.min())
            #expect(narrow.bytes == [left.bytes, right.bytes].compactMap { $0 }.min())

            func clock() -> ClockGrant {
                ClockGrant(
                    frozenAt: [nil, 1, 2].randomElement(using: &random) ?? nil,
                    resolution: .random(in: 1...5, using: &random))
            }
            let (early, late) = (clock(), clock())
            let time = early.narrowed(by: late)
            #expect((time.frozenAt == nil) == (early.frozenAt == nil && late.frozenAt == nil))
            #expect(time.resolution == max(early.resolution, late.resolution))
        }
        #expect(RandomGrant().narrowed(by: RandomGrant(seed: 1)).seed == 1)
        #expect(RandomGrant(seed: 2).narrowed(by: RandomGrant(seed: 1)).seed == 2)
    }
}
