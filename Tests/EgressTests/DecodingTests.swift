// SPDX-License-Identifier: Apache-2.0
import Egress
import Foundation
import HostAPI
import Testing

@Suite("Content codings")
struct DecodingTests {
    private static let text = String(repeating: "hello, hello. ", count: 100)
    // The text above in each coding.
    private static let coded: [String: String] = [
        "gzip": "H4sIAAAAAAACA8tIzcnJ11HIAFF6EGqUN8ob5Y3yRnk05AEApXPnx3gFAAA=",
        "deflate": "eNrLSM3JyddRyABRehBqlDfKG+WN8kZ5NOQBADHB29g=",
        "raw-deflate": "y0jNycnXUcgAUXoQapQ3yhvljfJGeTTkAQA=",
        "br": "G3cF+I2Ubt5ECVKG1mxvLC7DwXgAko7m6AA=",
        "two-members":
            "H4sIAAAAAAACA8tIzcnJ11HIAFF6EGqUN8ob5Y3yRnk05AEApXPnx3gFAAAfiwgAAAAAAAIDy0jNycnXUcgAUXoQapQ3yhvljfJGeTTkAQClc+fHeAUAAAAAAA==",
        "gzip-br": "ixWAH4sIAAAAAAACA8tIzcnJ11HIAFF6EGqUN8ob5Y3yRnk05AEApXPnx3gFAAAD",
        "x-gzip": "H4sIAAAAAAACA8tIzcnJ11HIAFF6EGqUN8ob5Y3yRnk05AEApXPnx3gFAAA=",
    ]

    private static let respond: TestServer.Respond = { request in
        let name = String(request.target.dropFirst())
        let body = Data(base64Encoded: coded[name] ?? "").map { [UInt8]($0) } ?? []
        let coding = ["raw-deflate": "deflate", "two-members": "gzip", "gzip-br": "gzip, br"][name] ?? name
        return .response(200, [("Content-Encoding", coding)], body)
    }

    @Test("Bodies arrive decoded, with their headers as they were sent", arguments: coded.keys.sorted())
    func decoded(name: String) async throws {
        try await withServer(.plain, testOptions(), Self.respond) { server, egress in
            let fetch = try TestFetch(egress)
            let response = try await fetch.get("http://a.test:\(server.port)/\(name)")
            #expect(response.values("content-encoding").count == 1)
            #expect(response.values("content-length") != ["\(Self.text.utf8.count)"])
            let expected = name == "two-members" ? Self.text + Self.text : Self.text
            #expect(try await response.bytes(atMost: 11) == Array(expected.utf8))
            #expect(fetch.used(.heldBytes) == 0)
            #expect(server.connections == 1)
            let raw = try await fetch.send(["url": "http://a.test:\(server.port)/\(name)", "decode": false])
            #expect(try await raw.bytes() == [UInt8](Data(base64Encoded: Self.coded[name] ?? "") ?? Data()))
        }
    }

    @Test("A body that is cut off or not in its coding is an error, an empty one and an unknown coding are not")
    func broken() async throws {
        let gzip = [UInt8](Data(base64Encoded: Self.coded["gzip"] ?? "") ?? Data())
        try await withServer { request in
            switch request.target {
            case "/cut": .response(200, [("Content-Encoding", "gzip")], Array(gzip.dropLast(10)))
            case "/empty": .response(200, [("Content-Encoding", "gzip")], [])
            case "/unknown": .response(200, [("Content-Encoding", "zstd")], Array("zzz".utf8))
            default: .response(200, [("Content-Encoding", String(request.target.dropFirst()))], Array("nonsense".utf8))
            }
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            let base = "http://a.test:\(server.port)"
            for path in ["cut", "gzip", "br", "deflate"] {
                #expect(await fetch.failure("\(base)/\(path)")?.code == .unavailable, "\(path)")
            }
            #expect(try await fetch.get("\(base)/empty").text().isEmpty)
            #expect(try await fetch.get("\(base)/unknown").text() == "zzz")
            #expect(fetch.used(.heldBytes) == 0)
            #expect(fetch.used(.concurrentRequests) == 0)
        }
    }

    @Test("A small body that decodes to a large one costs what is read of it")
    func bomb() async throws {
        // 128 MiB of zeros in gzip.
        let bomb = [UInt8](Data(base64Encoded: Self.bomb) ?? Data())
        try await withServer { _ in
            .response(200, [("Content-Encoding", "gzip, gzip")], bomb)
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            let response = try await fetch.get("http://a.test:\(server.port)/")
            let first = try await response.body?.read(atMost: 1000)
            #expect(first == [UInt8](repeating: 0, count: 1000))
            #expect(fetch.used(.heldBytes) < 512 << 10)
            response.body?.cancel()
            #expect(fetch.used(.heldBytes) == 0)
        }
    }

    @Test("Decoding that needs more memory than the dispatch may hold fails")
    func memory() async throws {
        let bomb = [UInt8](Data(base64Encoded: Self.bomb) ?? Data())
        try await withServer { _ in
            .response(200, [("Content-Encoding", "gzip, gzip")], bomb)
        } _: { server, egress in
            // Enough for the request, not for two windows.
            let fetch = try TestFetch(egress, limits: HostLimits([.heldBytes: 67_000]))
            let error = await fetch.failure("http://a.test:\(server.port)/")
            #expect(error?.code == .exhausted, "\(String(describing: error))")
            #expect(fetch.used(.heldBytes) == 0)
        }
    }

    private static let bomb =
        "H4sIAAAAAAACA+3cLU4DYRSG0emPmCCgiCoEXQG6CWlCDRoS0ASBRKKZhKAwbAKNYgE4dgC4LoAgCEERhs4s43vPUVdfeXPz7N7VVWc4+ngeDNZDc//3+FlvVAAAAEDhmvebUXcMqGbt6+HRKQAAAFC6863NcX8U+D3bWVoHAAAAFO92MZ/0HwJf15dj6wAAAIDiTX9WB/0t4KV92j6xDwAAACjem2AAAAAARBEMAAAAgCyCAQAAAJBFMAAAAADCCAYAAABAFsEAAAAAyCIYAAAAAFkEAwAAACCMYAAAAABkEQwAAACALIIBAAAAkEUwAAAAAMIIBgAAAEAWwQAAAADIIhgAAAAAWQQDAAAAIIxgAAAAAGQRDAAAAIAsggEAAACQRTAAAAAAwggGAAAAQBbBAAAAAMgiGAAAAABZBAMAAAAgjGAAAAAAZBEMAAAAgCwPi/msewyYfLdX+8NpBQAApFrtHS8vmvVQ/wNO6FZOrv0BAA=="
}
