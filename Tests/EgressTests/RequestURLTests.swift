// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Testing

@testable import Egress

@Suite("URLs of requests")
struct RequestURLTests {
    @Test(
        "A URL is parsed as the URL Standard says",
        arguments: [
            ("HTTP://A.Test:080/a b", "http://a.test/a%20b"), ("https:\\\\a.test\\x", "https://a.test/x"),
            ("http:a.test", "http://a.test/"), ("http:////a.test", "http://a.test/"),
            (" http://a.te\nst/\t ", "http://a.test/"),
            ("http://a.test/a/./b/../c/%2E%2e/d", "http://a.test/a/d"), ("http://a.test/..", "http://a.test/"),
            ("http://a.test/?a'b#c", "http://a.test/?a%27b"), ("http://a.test?x", "http://a.test/?x"),
            ("http://0x7f.1/", "http://127.0.0.1/"), ("http://017700000001/", "http://127.0.0.1/"),
            ("http://1.2.3.4./", "http://1.2.3.4/"), ("http://[0:0::1]/", "http://[::1]/"),
            ("http://%61.test/", "http://a.test/"), ("http://a.test:443/", "http://a.test:443/"),
            ("https://a.test:443/é", "https://a.test/%C3%A9"), ("http://a.test//x//", "http://a.test//x//"),
        ])
    func absolute(text: String, expected: String) throws {
        let url = try RequestURL(text)
        #expect("\(url)" == expected)
        #expect(try RequestURL("\(url)") == url)
    }

    @Test(
        "A relative URL is resolved",
        arguments: [
            ("", "http://a.test/b/c?d"), ("x", "http://a.test/b/x"), ("/x?y", "http://a.test/x?y"),
            ("?z", "http://a.test/b/c?z"),
            ("//e.test/", "http://e.test/"), ("\\\\e.test", "http://e.test/"), ("../../x", "http://a.test/x"),
            (".", "http://a.test/b/"), ("#f", "http://a.test/b/c?d"), ("http:x", "http://a.test/b/x"),
            ("https:x", "https://x/"), ("http:/x", "http://a.test/x"),
            ("x:y".replacing("x:y", with: "./x:y"), "http://a.test/b/x:y"),
        ])
    func relative(text: String, expected: String) throws {
        #expect("\(try RequestURL(text, base: RequestURL("http://a.test/b/c?d")))" == expected)
    }

    @Test(
        "What is no URL to fetch is refused",
        arguments: [
            "", "a.test", "ftp://a.test/", "http://", "http://:80/", "http://a.test:x/", "http://a.test:65536/",
            "http://u@a.test/", "http://a.test:80@b.test/", "http://[::1", "http://[::1]x/", "http://1.2.3.256/",
            "http://1.2.3.4.5/", "http://0x100000000/", "http://a b/", "http://a%/", "http://a%2fb/", "http://a..b/",
            "http://é.test/", "http://1.2.08/", "javascript:1", "http://%00/",
        ])
    func refused(text: String) {
        #expect(throws: HostError.self) { try RequestURL(text) }
    }
}
