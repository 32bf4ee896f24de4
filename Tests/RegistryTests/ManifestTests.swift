// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Registry
import Testing
import WorkerTypes

@Suite("Manifests") struct ManifestTests {
    private func manifest(_ json: String, rules: ManifestRules = ManifestRules()) throws(ManifestError)
        -> WorkerManifest
    {
        try WorkerManifest(json: Array(json.utf8), rules: rules)
    }

    /// A manifest of one module with some more members.
    private func with(_ members: String) -> String { #"{"main":"a.js","modules":{"a.js":"1"},\#(members)}"# }

    @Test("The example of the documentation is read, every part of it")
    func whole() throws {
        let manifest = try self.manifest(
            #"""
            {"main":"index.ts","modules":{"index.ts":"export default {}","lib/é.ts":null,"lib/a.ts":"1"},
             "bindings":{"WHO":{"type":"text","value":"you"},"TOKEN":{"type":"secret","value":"s3cret"},
               "KV":{"type":"kv","namespace":"links"},"FILES":{"type":"files","read":["public"],"write":[]},
               "fetch":{"type":"fetch","hosts":["api.example.com","*.example.org:8443"],"methods":["GET"]},
               "OTHER":{"type":"worker","name":"other"}},
             "limits":{"memoryMiB":64,"cpuMilliseconds":20,"wallMilliseconds":1000,"startupMilliseconds":500,
               "subrequests":3,"egressBytes":4,"logBytes":5,"concurrency":6,"mode":"fresh"},
             "crons":["*/5 * * * *","@daily"],"public":true,"trust":"high"}
            """#)
        #expect(manifest.main == "index.ts")
        #expect(manifest.modules == ["index.ts": "export default {}", "lib/a.ts": "1"])
        #expect(manifest.bindings["WHO"] == .text("you"))
        #expect(manifest.bindings["TOKEN"] == .secret(SecretValue("s3cret")))
        #expect(manifest.bindings["OTHER"] == .worker(try WorkerName("other")))
        guard case .capability("fetch", let grant) = manifest.bindings["fetch"] else {
            Issue.record("no fetch")
            return
        }
        #expect(String(decoding: grant, as: UTF8.self).contains(#""*.example.org:8443""#))
        #expect(manifest.limits.scriptLimits.memory == 64 << 20)
        #expect(manifest.limits.scriptLimits.cpu == .milliseconds(20))
        #expect(manifest.limits.hostLimits[.subrequests] == 3)
        #expect(manifest.limits.hostLimits[.egressBytes] == 4)
        #expect(manifest.limits.hostLimits[.logBytes] == 5)
        #expect(manifest.limits.hostLimits[.pendingCalls] == HostLimits.standard[.pendingCalls])
        #expect(manifest.limits.concurrency == 6)
        #expect(manifest.limits.mode == .fresh)
        #expect(manifest.crons.map(\.description) == ["*/5 * * * *", "@daily"])
        #expect(manifest.isPublic)
        #expect(manifest.trust == .high)
    }

    @Test("What is left out has its standard value")
    func standard() throws {
        let manifest = try self.manifest(
            #"{"main":"a.js","modules":{"a.js":""},"limits":{"memoryMiB":null},"crons":null}"#)
        #expect(manifest.limits == WorkerLimits())
        #expect(manifest.limits.memoryMiB == 128 && manifest.limits.cpuMilliseconds == 50)
        #expect(manifest.limits.wallMilliseconds == 30_000 && manifest.limits.startupMilliseconds == 1000)
        #expect(manifest.limits.subrequests == 50 && manifest.limits.egressBytes == 10_485_760)
        #expect(manifest.limits.logBytes == 65_536 && manifest.limits.concurrency == 100)
        #expect(manifest.limits.mode == .persistent)
        #expect(manifest.bindings.isEmpty && manifest.crons.isEmpty && !manifest.isPublic && manifest.trust == .low)
    }

    @Test("Settings have no source and no value of a secret, and are valid JSON of the same words")
    func settings() throws {
        let manifest = try self.manifest(
            with(
                #""bindings":{"T":{"type":"secret","value":"s3cret"},"R":{"type":"kv","namespace":"a"}},"public":true"#)
        )
        let settings = String(decoding: try manifest.settings, as: UTF8.self)
        #expect(!settings.contains("s3cret") && !settings.contains("modules"))
        #expect(settings.contains(#""T":{"type":"secret"}"#))
        #expect(settings.contains(#""R":{"namespace":"a","type":"kv"}"#))
        #expect(settings.contains(#""public":true"#))
        #expect(!"\(manifest)".contains("s3cret"))
        var dumped = ""
        dump(manifest, to: &dumped)
        #expect(!dumped.contains("s3cret"))
    }

    private static let wrong: [(members: String, path: String, hint: String)] = [
        (#""limit":{}"#, "limit", "there are main, bindings, limits"),
        (#""limits":[]"#, "limits", "an object is expected, not a list"),
        (#""limits":{"memoryMB":1}"#, "limits.memoryMB", "memoryMiB"),
        (#""limits":{"memoryMiB":7}"#, "limits.memoryMiB", "from 8 to 4096"),
        (#""limits":{"memoryMiB":4097}"#, "limits.memoryMiB", "from 8 to 4096"),
        (#""limits":{"cpuMilliseconds":0}"#, "limits.cpuMilliseconds", "from 1 to"),
        (#""limits":{"cpuMilliseconds":"50"}"#, "limits.cpuMilliseconds", #"whole number is expected, not "50""#),
        (#""limits":{"cpuMilliseconds":1.5}"#, "limits.cpuMilliseconds", "whole number"),
        (#""limits":{"cpuMilliseconds":true}"#, "limits.cpuMilliseconds", "whole number"),
        (#""limits":{"wallMilliseconds":18446744073709551615}"#, "limits.wallMilliseconds", "whole number"),
        (#""limits":{"subrequests":-1}"#, "limits.subrequests", "from 0 to"),
        (#""limits":{"egressBytes":-9223372036854775808}"#, "limits.egressBytes", "from 0 to"),
        (#""limits":{"mode":"Fresh"}"#, "limits.mode", #""persistent" or "fresh""#),
        (#""trust":"medium""#, "trust", #""low" or "high""#),
        (#""public":1"#, "public", "true or false"),
        (#""crons":"* * * * *""#, "crons", "a list of texts"),
        (#""crons":["* * * * *",5]"#, "crons[1]", "a text is expected"),
        (#""crons":["0 0 31 2 *"]"#, "crons[0]", "never comes"),
        (#""crons":["@daily","@daily"]"#, "crons[1]", "twice"),
        (#""bindings":{"A":"text"}"#, "bindings.A", "an object is expected"),
        (#""bindings":{"A":{}}"#, "bindings.A.type", "a text is needed"),
        (#""bindings":{"A":{"type":"d1"}}"#, "bindings.A.type", "text, secret, worker, fetch, files, kv"),
        (#""bindings":{"A":{"type":"text"}}"#, "bindings.A.value", "a text is needed"),
        (#""bindings":{"A":{"type":"text","value":1}}"#, "bindings.A.value", "a text is expected"),
        (#""bindings":{"A":{"type":"text","value":"1","x":1}}"#, "bindings.A.x", "there are type, value"),
        (#""bindings":{"A":{"type":"secret","value":"é"}}"#, "bindings.A", "printable ASCII"),
        (#""bindings":{"A":{"type":"secret","value":"a\r\nb: c"}}"#, "bindings.A", "printable ASCII"),
        (#""bindings":{"A":{"type":"worker","name":"Other"}}"#, "bindings.A.name", "lower-case"),
        (#""bindings":{"A":{"type":"kv","namespaces":["a"]}}"#, "bindings.A.namespaces", "namespace"),
        (#""bindings":{"A":{"type":"kv","namespace":"A/B"}}"#, "bindings.A", "namespace"),
        (#""bindings":{"A":{"type":"fetch","hosts":["http://x"]}}"#, "bindings.A.hosts[0]", "http://x"),
        (#""bindings":{"A":{"type":"files","read":["../x"]}}"#, "bindings.A", "../x"),
        (#""bindings":{"a-b":{"type":"text","value":""}}"#, #"bindings["a-b"]"#, "letters, digits"),
        (#""bindings":{"1a":{"type":"text","value":""}}"#, "bindings.1a", "begins with no digit"),
        (#""bindings":{"":{"type":"text","value":""}}"#, #"bindings[""]"#, "letters, digits"),
        (#""bindings":{"__proto__":{"type":"text","value":""}}"#, "bindings.__proto__", "letters, digits"),
    ]

    @Test("What is wrong is refused, and the error says where and what would be right", arguments: wrong.indices)
    func bad(_ index: Int) {
        let (members, path, hint) = Self.wrong[index]
        let error = #expect(throws: ManifestError.self) { try manifest(with(members)) }
        #expect(error?.path == path, "\(String(describing: error))")
        #expect(error?.message.contains(hint) == true, "\(String(describing: error))")
        #expect(error?.kind == .malformed)
    }

    @Test(
        "What is no manifest is refused",
        arguments: [
            "", "{", "[]", "null", "1", "{}", #"{"main":"a.js"}"#, #"{"modules":{"a.js":""}}"#, "{\"main\":\u{1}}",
            #"{"main":"b.js","modules":{"a.js":""}}"#, #"{"main":"a.js","modules":["a.js"]}"#,
            #"{"main":"a.js","modules":{"a.js":7}}"#, #"{"main":null,"modules":{"a.js":""}}"#,
            #"{"main":"a.js","modules":{"a.js":"\ud800"}}"#, #"{"main":"a.js","modules":{"a.js":1e999}}"#,
            String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 5000),
        ])
    func noManifest(_ json: String) {
        #expect(throws: ManifestError.self) { try manifest(json) }
        #expect(throws: ManifestError.self) { try WorkerManifest(json: Array(json.utf8) + [0xff, 0xfe]) }
    }

    @Test("What is no JSON is said to be none")
    func syntax() {
        let error = #expect(throws: ManifestError.self) { try manifest("{\"main\": \"a.js\",\n \"modules\": {x}}") }
        #expect(error?.message.contains("not valid JSON") == true, "\(String(describing: error))")
    }

    @Test(
        "A module's name is a relative path and nothing else",
        arguments: [
            "", "/a.js", "../a.js", "a/../b.js", "a/./b.js", "a//b.js", "a/", "./a.js", ".", "..", "a\\b.js", "a%2e.js",
            "a?.js", "a#.js", "http://x/a.js", "C:a.js", "a\0.js", "a\n.js", "é.js", "a b.js", "worker:x",
            String(repeating: "a", count: 257),
        ])
    func moduleNames(_ name: String) {
        let error = #expect(throws: ManifestError.self) {
            try WorkerManifest(main: name, modules: [name: ""]).check(ManifestRules())
        }
        #expect(error?.path.hasPrefix("modules") == true)
        #expect(error?.message.contains("name of a module") == true)
    }

    @Test(
        "Usual names of modules are fine", arguments: ["a.js", "lib/@scope/x.mjs", "[id]/(a).tsx", ".well-known/a.js"])
    func goodModuleNames(_ name: String) throws {
        try WorkerManifest(main: name, modules: [name: ""]).check(ManifestRules())
    }

    @Test("Sizes have bounds, which the operator may change")
    func sizes() throws {
        var rules = ManifestRules()
        rules.mostSourceBytes = 10
        rules.mostModules = 2
        rules.mostBindings = 1
        rules.mostCrons = 1
        rules.mostGrantBytes = 64
        func refusal(_ json: String) -> ManifestError? {
            #expect(throws: ManifestError.self) { try manifest(json, rules: rules) }
        }
        let text = #"{"type":"text","value":""}"#
        let namespace = String(repeating: "a", count: 60)
        let wrong: [(json: String, path: String)] = [
            (#"{"main":"a.js","modules":{"a.js":"12345","b.js":"123456"}}"#, "modules"),
            (#"{"main":"a.js","modules":{"a.js":"","b.js":"","c.js":""}}"#, "modules"),
            (with(#""bindings":{"A":\#(text),"B":\#(text)}"#), "bindings"),
            (with(#""bindings":{"A":{"type":"kv","namespace":"\#(namespace)"}}"#), "bindings.A"),
            (
                with(#""bindings":{"A":{"type":"text","value":"\#(String(repeating: "a", count: 65_537))"}}"#),
                "bindings.A"
            ),
            (with(#""crons":["@daily","@hourly"]"#), "crons"),
            (String(repeating: " ", count: rules.mostManifestBytes + 1), ""),
        ]
        for (json, path) in wrong {
            let error = refusal(json)
            #expect(error?.kind == .tooLarge && error?.path == path, "\(String(describing: error))")
        }
        _ = try manifest(#"{"main":"a.js","modules":{"a.js":"12345","b.js":"12345"}}"#, rules: rules)
    }

    @Test("The operator's largest limits hold")
    func mostLimits() throws {
        var rules = ManifestRules()
        rules.most.cpuMilliseconds = 100
        _ = try manifest(with(#""limits":{"cpuMilliseconds":100}"#), rules: rules)
        let error = #expect(throws: ManifestError.self) {
            try manifest(with(#""limits":{"cpuMilliseconds":101}"#), rules: rules)
        }
        #expect(error?.message.contains("from 1 to 100") == true)
    }

    private struct Mail: Capability {
        struct Grant: HostGrant {
            var to: [String]
            func narrowed(by other: Grant) -> Grant { Grant(to: to.filter(other.to.contains)) }
        }
        static let name = "mail"
        let operations: [Operation] = []
    }

    @Test("A capability of an embedder is a type of bindings once it is allowed, and its grant is checked")
    func embedder() throws {
        let json = with(
            #""bindings":{"M":{"type":"mail","to":["a"],"more":{"b":[1,1.5,null,true,18446744073709551615]}}}"#)
        #expect(throws: ManifestError.self) { try self.manifest(json) }
        var rules = ManifestRules()
        rules.allow(Mail.self)
        let manifest = try self.manifest(json, rules: rules)
        guard case .capability("mail", let grant) = manifest.bindings["M"] else {
            Issue.record("no mail")
            return
        }
        #expect(
            String(decoding: grant, as: UTF8.self)
                == #"{"more":{"b":[1,1.5,null,true,18446744073709551615]},"to":["a"],"type":"mail"}"#)
        let error = #expect(throws: ManifestError.self) {
            try self.manifest(with(#""bindings":{"M":{"type":"mail","to":[1]}}"#), rules: rules)
        }
        #expect(error?.path == "bindings.M.to[0]", "\(String(describing: error))")
    }
}
