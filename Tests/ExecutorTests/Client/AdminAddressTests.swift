// SPDX-License-Identifier: Apache-2.0
import ExecutorServer
import Testing

@testable import ExecutorCommands

@Suite("Addresses of admin APIs")
struct AdminAddressTests {
    @Test(
        "Which addresses are of this machine: only these are shown a token that was not named",
        arguments: [
            ("127.0.0.1:8788", true), ("127.8.7.6:1", true), ("http://localhost:8788/", true), ("[::1]:80", true),
            ("unix:/run/x.sock", true), ("127.example.org:80", false), ("127.0.0.1.example.org:80", false),
            ("https://admin.example.org", false), ("10.0.0.1:8788", false), ("[2001:db8::1]:8788", false),
        ])
    func local(_ text: String, _ isLocal: Bool) throws {
        #expect(try AdminAddress(text, from: "--admin").isLocal == isLocal)
    }

    @Test(
        "Schemes, ports and hosts are read as URLs have them",
        arguments: [
            ("https://a.example", "a.example:443", true), ("http://a.example", "a.example:80", false),
            ("http://[::1]", "[::1]:80", false), ("https://a.example:9/", "a.example:9", true), ("a:1", "a:1", false),
        ])
    func parsed(_ text: String, _ place: String, _ isTLS: Bool) throws {
        let address = try AdminAddress(text, from: "--admin")
        #expect(address.place.description == place && address.isTLS == isTLS)
    }

    @Test(
        "What is no address is wrong usage",
        arguments: ["", "a", "http://a/b", "http://u@h:1", "ws://a", "unix:", "a:0x1"])
    func wrong(_ text: String) {
        #expect(throws: CommandEnded.self) { try AdminAddress(text, from: "--admin") }
    }
}
