// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import HostAPI
import Testing

@Suite struct NetworkGrantTests {
    private func allows(_ grant: NetworkGrant, _ request: NetworkRequest) -> Bool { (try? grant.check(request)) != nil }

    private func grant(_ hosts: String...) throws -> NetworkGrant {
        NetworkGrant(rules: [try NetworkRule(hosts: hosts.map { host throws(GrantError) in try HostPattern(host) })])
    }

    @Test(
        "A pattern matches whole labels, ports and addresses, never a part of a name",
        arguments: [
            ("example.com", "example.com", 443, true), ("Example.COM", "example.com", 443, true),
            ("example.com", "example.com", 8443, true),
            ("example.com", "www.example.com", 443, false), ("example.com", "example.com.", 443, false),
            ("example.com", "example.com.evil.test", 443, false),
            ("example.com", "evilexample.com", 443, false), ("example.com", "example.co", 443, false),
            ("example.com", "examplexcom", 443, false),
            ("*.example.com", "a.example.com", 443, true), ("*.example.com", "a.b.example.com", 443, true),
            ("*.example.com", "example.com", 443, false),
            ("*.example.com", "evilexample.com", 443, false), ("*.example.com", "a.example.com.", 443, false),
            ("*.example.com", "a.example.com.evil.test", 443, false),
            ("example.com:8443", "example.com", 8443, true), ("example.com:8443", "example.com", 443, false),
            ("*.example.com:80", "a.example.com", 80, true),
            ("*", "anything.test", 1, true), ("*", "anything.test.", 1, true), ("*:443", "anything.test", 443, true),
            ("*:443", "anything.test", 80, false),
            ("1.2.3.4", "1.2.3.4", 80, true), ("1.2.3.4:81", "1.2.3.4", 80, false), ("1.2.0.0/16", "1.2.3.4", 80, true),
            ("1.2.0.0/16", "1.3.3.4", 80, false),
            ("[2606:4700::1]", "[2606:4700::1]", 80, true), ("[2606:4700:0::1]:80", "[2606:4700::1]", 80, true),
            ("[2606:4700::1]:80", "[2606:4700::1]", 81, false),
            ("[2606:4700::1]", "[2606:4700::2]", 80, false), ("2606:4700::/32", "[2606:4700::2]", 80, true),
            ("1.2.3.4", "[::ffff:1.2.3.4]", 80, false),
            ("*.3.4", "1.2.3.4", 80, false),
        ])
    func patterns(pattern: String, host: String, port: Int, isAllowed: Bool) throws {
        guard let parsed = try? HostPattern(pattern) else {
            #expect(pattern == "*.3.4")
            return
        }
        let request = try NetworkRequest(scheme: "https", host: host, port: port)
        #expect(parsed.matches(request.host, port: port) == isAllowed)
        #expect(try HostPattern(parsed.description) == parsed)
        #expect(allows(NetworkGrant(rules: [try NetworkRule(hosts: [parsed])]), request) == isAllowed)
    }

    @Test(
        "What is no pattern is refused, and the error says what is",
        arguments: [
            "", "https://example.com", "example.com/path", "user@example.com", "example.com.", "*.", "*.*", "a.*.b",
            "*a.b", "**", "*.example.com.",
            ".example.com", "a..b", "a b", "a%2eb", "ex\u{e4}mple.com", "example.com:", "example.com:0",
            "example.com:65536", "example.com:080",
            "example.com:+80", "example.com:80:80", "::1", "::1:80", "[::1", "::1]", "[1.2.3.4]", "[::1]x", "[::1]:",
            "[::1%eth0]", "127.1", "0x7f.1",
            "2130706433", "0177.0.0.1", "1.2.3.4.5", "1.2.3.04", "*.1", "10.0.0.1/8", "10.0.0.0/33", "example.com/24",
            "a\0b", "a\nb", "#", "?", "a\\b",
        ])
    func malformed(pattern: String) {
        #expect(throws: GrantError.self) { try HostPattern(pattern) }
    }

    @Test(
        "A request whose parts are not as a URL parser leaves them is not repaired",
        arguments: [
            ("https", "EXAMPLE.com", "/"), ("https", "user@example.com", "/"), ("https", "example.com:443", "/"),
            ("https", "example.com/", "/"),
            ("https", "", "/"), ("https", ".", "/"), ("https", "a..b", "/"), ("https", ".a", "/"),
            ("https", "a..", "/"), ("https", "example.com#", "/"),
            ("https", "0x7f.0.0.1", "/"), ("https", "127.1", "/"), ("https", "2130706433", "/"),
            ("https", "0177.0.0.1", "/"), ("https", "a.0x", "/"), ("https", "1.2.3.4.", "/"),
            ("https", "::1", "/"), ("https", "[::1", "/"), ("https", "[::1%25eth0]", "/"), ("https", "[1.2.3.4]", "/"),
            ("https", "a b", "/"),
            ("https", "a%2eb", "/"), ("https", "a\0", "/"), ("https", "b\u{fc}cher.test", "/"),
            ("HTTPS", "a.test", "/"), ("ftp", "a.test", "/"), ("file", "a.test", "/"),
            ("https", "a.test", ""), ("https", "a.test", "x"), ("https", "a.test", "/?"), ("https", "a.test", "/#"),
            ("https", "a.test", "/ "),
            ("https", "a.test", "/\r\n"), ("https", "a.test", "/\u{e4}"),
        ])
    func requests(scheme: String, host: String, path: String) {
        #expect(throws: HostError.self) { try NetworkRequest(scheme: scheme, host: host, path: path) }
    }

    @Test("Ports default to the scheme's, and only whole methods and ports are taken")
    func defaults() throws {
        for (scheme, port) in [("http", 80), ("https", 443), ("ws", 80), ("wss", 443)] {
            #expect(try NetworkRequest(scheme: scheme, host: "a.test").port == port)
        }
        let secure = try grant("a.test:443")
        #expect(allows(secure, try NetworkRequest(scheme: "https", host: "a.test")))
        #expect(!allows(secure, try NetworkRequest(scheme: "http", host: "a.test")))
        for port in [0, -1, 65536, .max] {
            #expect(throws: HostError.self) { try NetworkRequest(scheme: "http", host: "a.test", port: port) }
        }
        for method in ["", "GET ", "G\r\nET", "GET\0", "G:ET", "\u{e4}"] {
            #expect(throws: HostError.self) { try NetworkRequest(scheme: "http", host: "a.test", method: method) }
        }
    }

    @Test("Schemes, methods and paths of a rule must hold together")
    func rules() throws {
        let grant = NetworkGrant(rules: [
            try NetworkRule(
                hosts: [HostPattern("a.test")], schemes: ["https"], methods: ["GET"], paths: [PathPattern("/v1/**")]),
            try NetworkRule(hosts: [HostPattern("a.test")], methods: ["POST"], paths: [PathPattern("/v2")]),
        ])
        for (scheme, method, path, isAllowed) in [
            ("https", "GET", "/v1/x", true), ("http", "GET", "/v1/x", false), ("https", "get", "/v1/x", false),
            ("https", "POST", "/v1/x", false),
            ("http", "POST", "/v2", true), ("https", "GET", "/v2", false), ("https", "GET", "/", false),
        ] {
            let request = try NetworkRequest(scheme: scheme, host: "a.test", method: method, path: path)
            #expect(allows(grant, request) == isAllowed, "\(method) \(scheme) \(path)")
        }
        #expect(throws: GrantError.self) { try NetworkRule(hosts: [.any], schemes: ["gopher"]) }
        #expect(throws: GrantError.self) { try NetworkRule(hosts: [.any], methods: ["GET /"]) }
    }

    @Test(
        "A path matches by decoded segments, and what servers could read in two ways never does",
        arguments: [
            ("/", "/", true), ("/", "/a", false), ("/v1/users", "/v1/users", true), ("/v1/users", "/v1/users/", false),
            ("/v1/users", "/v1/usersx", false),
            ("/v1/users", "/V1/users", false), ("/v1/users", "/v1/%75sers", true), ("/v1/%75sers", "/v1/users", true),
            ("/v1/*/x", "/v1/a/x", true), ("/v1/*/x", "/v1//x", false),
            ("/v1/*/x", "/v1/a/b/x", false), ("/v1/*", "/v1/", false), ("/v1/*", "/v1/a", true),
            ("/v1/**", "/v1/", true), ("/v1/**", "/v1", false),
            ("/v1/**", "/v1/a/b/c", true), ("/v1/**", "/v2/a", false), ("/v1/**", "/v1x/a", false), ("/**", "/", true),
            ("/**", "/a/b", true), ("/**", "/a//b", true),
            ("/v1/**", "/v1/../admin", false), ("/v1/**", "/v1/%2e%2e/admin", false),
            ("/v1/**", "/v1/.%2E/admin", false), ("/v1/**", "/v1/%252e%252e/admin", false),
            ("/v1/**", "/v1/..;/admin", false), ("/v1/**", "/v1/%2e%2e;x=1/admin", false),
            ("/v1/**", "/v1/a%2f..%2fadmin", false), ("/v1/**", "/v1/..%5cadmin", false),
            ("/v1/**", "/v1/a\\..\\b", false), ("/v1/**", "/v1/%00", false), ("/v1/**", "/v1/%0d%0a", false),
            ("/v1/**", "/v1/%7f", false), ("/v1/**", "/v1/%", false),
            ("/v1/**", "/v1/%4", false), ("/v1/**", "/v1/%zz", false), ("/v1/**", "/v1/.", false),
            ("/v1/**", "/v1/...", true), ("/v1/**", "/v1/a%20b", true), ("/v1/**", "/v1/%e4", true),
            ("/v1/**", "//v1/a", false),
        ])
    func paths(pattern: String, path: String, isAllowed: Bool) throws {
        #expect(try PathPattern(pattern).matches(path) == isAllowed)
    }

    @Test(
        "What is no pattern of paths is refused",
        arguments: [
            "", "v1", "/a*", "/**/a", "/..", "/a/./b", "/%2e%2e", "/a%2fb", "/a?b", "/a#b", "/%", "/a\\b", "/%252e",
        ])
    func malformedPaths(pattern: String) {
        #expect(throws: GrantError.self) { try PathPattern(pattern) }
    }

    @Test("A name that leads to an address that is not public is refused, unless that address is granted")
    func rebinding() throws {
        let request = try NetworkRequest(scheme: "https", host: "api.example.com")
        let plain = try grant("api.example.com")
        for (text, isAllowed) in [
            ("93.184.216.34", true), ("127.0.0.1", false), ("10.0.0.1", false), ("169.254.169.254", false),
            ("::1", false), ("::ffff:127.0.0.1", false), ("2606:4700::1", true),
        ] {
            let address = try #require(IPAddress(text))
            #expect(((try? plain.check(address, of: request)) != nil) == isAllowed)
            #expect(((try? NetworkGrant.everything.check(address, of: request)) != nil))
        }
        let error = #expect(throws: HostError.self) {
            try plain.check(try #require(IPAddress("10.0.0.1")), of: request)
        }
        #expect(
            error?.message
                == "a request to \"api.example.com\", which leads to the private address 10.0.0.1, is not granted; a fetch grant with the address \"10.0.0.1\" would allow it"
        )
        var inner = plain
        inner = NetworkGrant(
            rules: [try NetworkRule(hosts: [HostPattern("api.example.com")])],
            addresses: AddressPolicy(granted: [try AddressBlock("10.0.0.0/24")]))
        #expect(throws: Never.self) { try inner.check(try #require(IPAddress("10.0.0.1")), of: request) }
        #expect(throws: HostError.self) { try inner.check(try #require(IPAddress("10.0.1.1")), of: request) }
    }

    @Test("An address that a rule names is granted with that rule's port only, and localhost names the loopback")
    func namedAddresses() throws {
        let local = try grant("127.0.0.1:8080", "localhost:3000", "[::1]:9000")
        for (host, port, address, isAllowed) in [
            ("127.0.0.1", 8080, "127.0.0.1", true), ("127.0.0.1", 8081, "127.0.0.1", false),
            ("localhost", 3000, "127.0.0.1", true), ("localhost", 3000, "::1", true),
            ("localhost", 3000, "10.0.0.1", false), ("localhost", 8080, "127.0.0.1", false),
            ("[::1]", 9000, "::1", true),
        ] {
            let request = try NetworkRequest(scheme: "http", host: host, port: port)
            let isGranted = allows(local, request)
            let mayConnect = (try? local.check(try #require(IPAddress(address)), of: request)) != nil
            #expect((isGranted && mayConnect) == isAllowed, "\(host):\(port) \(address)")
        }
        let any = try grant("*")
        #expect(!allows(any, try NetworkRequest(scheme: "http", host: "127.0.0.1")))
        #expect(!allows(any, try NetworkRequest(scheme: "http", host: "[::ffff:7f00:1]")))
        #expect(!allows(any, try NetworkRequest(scheme: "http", host: "169.254.169.254")))
        // Another name that leads to an address which a rule names for itself.
        let request = try NetworkRequest(scheme: "http", host: "evil.test", port: 8080)
        let both = try grant("evil.test", "127.0.0.1:8080")
        #expect(allows(both, request))
        #expect(throws: HostError.self) { try both.check(try #require(IPAddress("127.0.0.1")), of: request) }
    }

    @Test("A grant is read strictly from JSON, in long and short form, and written back")
    func json() throws {
        let short = #"{"type":"fetch","hosts":["api.example.com","*.example.org:8443"],"methods":["GET"]}"#
        let long = """
            {"rules":[{"hosts":["a.test"],"schemes":["https"],"paths":["/v1/**"],"headers":{"Authorization":"Bearer ${TOKEN}"},
            "secrets":["TOKEN"]}],"addresses":["10.0.0.0/8"],"limits":{"subrequests":3,"ingressBytes":100}}
            """
        for text in [short, long, "{}", #"{"rules":[]}"#] {
            let grant = try JSONDecoder().decode(NetworkGrant.self, from: Data(text.utf8))
            let narrowed = grant.narrowed(by: .everything)
            for grant in [grant, narrowed] {
                let again = try JSONDecoder().decode(NetworkGrant.self, from: JSONEncoder().encode(grant))
                #expect(again == grant)
            }
        }
        #expect(try JSONDecoder().decode(NetworkGrant.self, from: Data("{}".utf8)) == .nothing)
        for wrong in [
            #"{"host":["a.test"]}"#, #"{"hosts":["a.test"],"method":["GET"]}"#, #"{"hosts":["a.test/"]}"#,
            #"{"methods":["GET"]}"#,
            #"{"rules":[{"hosts":["a.test"],"path":[]}]}"#, #"{"limits":{"requests":1}}"#,
            #"{"limits":{"subrequests":-1}}"#, #"{"addresses":["10.0.0.1/8"]}"#,
            #"{"hosts":["a.test"],"headers":{"Host":"b"}}"#, #"{"hosts":["a.test"],"headers":{"content-LENGTH":"1"}}"#,
            #"{"hosts":["a.test"],"headers":{"X":"a\r\nb: c"}}"#,
            #"{"hosts":["a.test"],"headers":{"X Y":"a"}}"#, #"{"hosts":["a.test"],"headers":{"X":"1","x":"2"}}"#,
            #"{"hosts":["a.test"],"headers":{"X":"${A"}}"#,
            #"{"hosts":["a.test"],"headers":{"X":"${A B}"}}"#, #"{"hosts":["a.test"],"schemes":["gopher"]}"#,
            #"{"narrowedBy":[{"rule":[]}]}"#, "[]", "null", "1",
        ] {
            #expect(throws: DecodingError.self, "\(wrong)") {
                try JSONDecoder().decode(NetworkGrant.self, from: Data(wrong.utf8))
            }
        }
    }
}

@Suite struct SecretsTests {
    @Test("A secret is filled in where its rule says so, and nowhere else")
    func filling() throws {
        let secrets = try Secrets(["TOKEN": "s3cret-value", "OTHER": "0ther"])
        let placeholder = try #require(secrets.placeholder("TOKEN"))
        #expect(!placeholder.contains("s3cret"))
        #expect(try secrets.fill("Bearer \(placeholder)", allowed: ["TOKEN"]) == "Bearer s3cret-value")
        #expect(try secrets.fill("\(placeholder)\(placeholder)", allowed: ["TOKEN"]) == "s3cret-values3cret-value")
        #expect(try secrets.fill("nothing-here", allowed: ["TOKEN"]) == "nothing-here")
        let error = #expect(throws: HostError.self) { try secrets.fill("x\(placeholder)", allowed: ["OTHER"]) }
        #expect(error?.code == .denied)
        #expect(error?.message.contains("s3cret") == false)
        #expect(try secrets.fill(HeaderTemplate("Bearer ${TOKEN} ${OTHER}$")) == "Bearer s3cret-value 0ther$")
        #expect(throws: HostError.self) { try secrets.fill(HeaderTemplate("${MISSING}")) }
    }

    @Test("Placeholders are new each time, and no printing shows a secret")
    func hiding() throws {
        let secrets = try Secrets(["TOKEN": "s3cret-value"])
        #expect(try secrets.placeholder("TOKEN") != Secrets(["TOKEN": "s3cret-value"]).placeholder("TOKEN"))
        var dumped = ""
        dump(secrets, to: &dumped)
        for text in ["\(secrets)", String(reflecting: secrets), dumped] { #expect(!text.contains("s3cret")) }
    }

    @Test("A secret is taken out of a text, the longer one first")
    func redacting() throws {
        let secrets = try Secrets(["A": "abcd", "B": "abcdef", "SHORT": "x"])
        #expect(
            secrets.redact("1 abcd 2 abcdef 3 x abcabcd\u{301}") == "1 [secret A] 2 [secret B] 3 x abc[secret A]\u{301}"
        )
        #expect(secrets.redact("") == "")
        #expect(Secrets.none.redact("abcd") == "abcd")
    }

    @Test("A secret that cannot stand in a header is refused", arguments: ["", "a\r\nb", "a\0", "\u{e4}"])
    func malformed(value: String) {
        #expect(throws: GrantError.self) { try Secrets(["TOKEN": value]) }
        #expect(throws: GrantError.self) { try Secrets(["A B": "x"]) }
    }
}
