// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import HostAPI

@Suite struct AddressTests {
    @Test(
        "Addresses are written as RFC 5952 says",
        arguments: [
            ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::", "::"), ("::1", "::1"),
            ("1::", "1::"), ("0:0:0:0:0:0:0:0", "::"), ("2001:DB8::1", "2001:db8::1"),
            ("2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4"), ("::ffff:7f00:1", "::ffff:127.0.0.1"),
            ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
            ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
            ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("fe80::0:1", "fe80::1"),
        ])
    func canonical(text: String, canonical: String) throws {
        #expect(try #require(IPAddress(text)).description == canonical)
    }

    @Test(
        "Nothing else is an address",
        arguments: [
            "", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.04", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "127.1",
            "256.1.1.1", "1.2.3.", ".1.2.3", "1..2.3", " 1.2.3.4", "1.2.3.4 ", "1.2.3.4\0", "+1.2.3.4", "1.2.3.-4",
            "١.2.3.4",
            ":", ":::", "1:::2", "::1::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
            "::1:2:3:4:5:6:7:8",
            "12345::", "g::", "::1%eth0", "fe80::1%1", "[::1]", "::1.2.3", "::1.2.3.4.5", "::01.2.3.4", "1.2.3.4::",
            "::1.2.3.4:5",
            "1:2:3:4:5:6:7:1.2.3.4", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "::ffff:256.0.0.1", "1.2.3.4:80", "::\u{301}1",
        ])
    func malformed(text: String) { #expect(IPAddress(text) == nil) }

    @Test("The system's parser and writer agree on 4,000 random addresses and texts")
    func system() throws {
        var random = SeededRandom(state: 0x5eed)
        for _ in 0..<2000 {
            var bits: UInt128 = 0
            for _ in 0..<8 {
                bits =
                    bits << 16
                    | (Bool.random(using: &random)
                        ? 0
                        : UInt128(
                            UInt16.random(in: 0 ... .max, using: &random) >> UInt16.random(in: 0...15, using: &random)))
            }
            let address = IPAddress(v6: bits)
            #expect(Self.presented(address.description, AF_INET6) == Self.bytes(address))
            #expect(IPAddress(address.description) == address)
            #expect(IPAddress(bytes: Self.bytes(address)) == address)
        }
        let alphabet = Array("0123456789abf:.::::..")
        for _ in 0..<2000 {
            let text = String(
                (0..<Int.random(in: 1...20, using: &random)).compactMap { _ in alphabet.randomElement(using: &random) })
            let family = text.contains(":") ? AF_INET6 : AF_INET
            #expect(IPAddress(text).map(Self.bytes) == Self.presented(text, family), "\(text)")
        }
    }

    private static func bytes(_ address: IPAddress) -> [UInt8] {
        stride(from: address.family.width - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: address.bits >> UInt128($0))
        }
    }

    private static func presented(_ text: String, _ family: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: family == AF_INET ? 4 : 16)
        return unsafe inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    @Test("A block has no bits past its prefix, and holds its addresses only")
    func blocks() throws {
        let block = try AddressBlock("10.128.0.0/9")
        for (address, isIn) in [
            ("10.128.0.0", true), ("10.255.255.255", true), ("10.127.255.255", false), ("11.128.0.0", false),
            ("::10.128.0.0", false),
        ] {
            #expect(block.contains(try #require(IPAddress(address))) == isIn)
        }
        #expect(try AddressBlock("0.0.0.0/0").contains(IPAddress(v4: .max)))
        #expect(try AddressBlock("::/0").contains(IPAddress(v6: .max)))
        #expect(try AddressBlock("::/0").contains(IPAddress(v4: 0)) == false)
        for wrong in [
            "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/-1", "10/8", "/8",
            "::1/64", "::/129", "a/8", "10.0.0.0/8/8",
        ] {
            #expect(throws: GrantError.self, "\(wrong)") { try AddressBlock(wrong) }
        }
        #expect(try AddressBlock("10.0.0.0/8").intersection(block) == block)
        #expect(try block.intersection(AddressBlock("10.0.0.0/9")) == nil)
        #expect(try AddressBlock("192.0.2.1").description == "192.0.2.1")
        #expect(try AddressBlock("2001:db8::/32").description == "2001:db8::/32")
    }

    /// The edges of each block that is not public, and the addresses next to it.
    static let known: [(String, AddressPolicy.Kind?)] = [
        ("0.0.0.0", .unspecified), ("0.255.255.255", .unspecified), ("1.0.0.0", nil), ("1.1.1.1", nil),
        ("8.8.8.8", nil),
        ("9.255.255.255", nil), ("10.0.0.0", .privateUse), ("10.255.255.255", .privateUse), ("11.0.0.0", nil),
        ("100.63.255.255", nil), ("100.64.0.0", .carrierGrade), ("100.100.100.200", .metadata),
        ("100.127.255.255", .carrierGrade), ("100.128.0.0", nil),
        ("126.255.255.255", nil), ("127.0.0.0", .loopback), ("127.0.0.1", .loopback), ("127.255.255.255", .loopback),
        ("128.0.0.0", nil),
        ("168.63.129.15", nil), ("168.63.129.16", .metadata), ("168.63.129.17", nil),
        ("169.253.255.255", nil), ("169.254.0.0", .linkLocal), ("169.254.169.254", .metadata),
        ("169.254.170.2", .metadata), ("169.254.255.255", .linkLocal), ("169.255.0.0", nil),
        ("172.15.255.255", nil), ("172.16.0.0", .privateUse), ("172.31.255.255", .privateUse), ("172.32.0.0", nil),
        ("191.255.255.255", nil), ("192.0.0.0", .reserved), ("192.0.0.192", .metadata), ("192.0.0.255", .reserved),
        ("192.0.1.0", nil),
        ("192.0.2.0", .documentation), ("192.0.2.255", .documentation), ("192.0.3.0", nil), ("192.88.98.255", nil),
        ("192.88.99.1", .reserved), ("192.88.100.0", nil),
        ("192.167.255.255", nil), ("192.168.0.0", .privateUse), ("192.168.255.255", .privateUse), ("192.169.0.0", nil),
        ("198.17.255.255", nil), ("198.18.0.0", .benchmarking), ("198.19.255.255", .benchmarking), ("198.20.0.0", nil),
        ("198.51.99.255", nil), ("198.51.100.1", .documentation), ("198.51.101.0", nil), ("203.0.112.255", nil),
        ("203.0.113.1", .documentation), ("203.0.114.0", nil),
        ("223.255.255.255", nil), ("224.0.0.0", .multicast), ("239.255.255.255", .multicast), ("240.0.0.0", .reserved),
        ("255.255.255.254", .reserved), ("255.255.255.255", .broadcast),
        ("::", .unspecified), ("::1", .loopback), ("::2", .translated), ("::127.0.0.1", .translated),
        ("::1:0:0:1", .reserved),
        ("::ffff:8.8.8.8", .translated), ("::ffff:0:8.8.8.8", .translated), ("::fffe:0:1", .reserved),
        ("64:ff9b::8.8.8.8", .translated), ("64:ff9b:1::1", .translated), ("64:ff9b:2::1", .reserved),
        ("100::1", .reserved), ("1fff:ffff::", .reserved), ("2000::", nil), ("2001::1", .translated),
        ("2001:0:7f00:1::", .translated),
        ("2001:1::1", .reserved), ("2001:2::1", .benchmarking), ("2001:2:1::", .reserved), ("2001:20::1", .reserved),
        ("2001:1ff:ffff::", .reserved), ("2001:200::", nil),
        ("2001:db7:ffff::", nil), ("2001:db8::", .documentation), ("2001:db9::", nil), ("2002:7f00:1::", .translated),
        ("2003::", nil), ("2606:4700::1111", nil),
        ("3ffe:ffff::", nil), ("3fff::1", .documentation), ("3fff:fff:ffff::", .documentation), ("3fff:1000::", nil),
        ("4000::", .reserved), ("5f00::1", .reserved),
        ("fbff::", .reserved), ("fc00::1", .uniqueLocal), ("fd00:ec2::254", .metadata), ("fd00:ec2::253", .uniqueLocal),
        ("fdff::1", .uniqueLocal), ("fe00::", .reserved),
        ("fe80::1", .linkLocal), ("febf:ffff::1", .linkLocal), ("fec0::1", .linkLocal), ("ff02::1", .multicast),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", .multicast),
    ]

    @Test("What is not public is known by its kind, and refused unless its address is granted", arguments: known)
    func kinds(text: String, kind: AddressPolicy.Kind?) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressPolicy.kind(of: address) == kind)
        #expect(AddressPolicy.publicOnly.allows(address) == (kind == nil))
        #expect(AddressPolicy.everything.allows(address))
        let alone = AddressPolicy(granted: [AddressBlock(address)])
        let embedded = address.embedded.map(AddressPolicy.publicOnly.allows) ?? true
        #expect(alone.allows(address) == (kind != .translated || embedded))
    }

    @Test("An address that stands for one of IPv4 needs that one too")
    func embedded() throws {
        let policy = AddressPolicy(
            granted: try ["64:ff9b::/96", "::ffff:0:0/96", "2002::/16", "2001::/32"].map { try AddressBlock($0) })
        for (text, isAllowed) in [
            ("64:ff9b::8.8.8.8", true), ("64:ff9b::127.0.0.1", false), ("::ffff:10.0.0.1", false),
            ("::ffff:1.1.1.1", true),
            ("2002:7f00:1::1", false), ("2002:808:808::1", true), ("2001:0:1:2:3:4:80ff:fffe", false),
            ("2001:0:1:2:3:4:f7f7:f7f7", true),
        ] { #expect(policy.allows(try #require(IPAddress(text))) == isAllowed, "\(text)") }
    }

    @Test("Every row of the tables parses")
    func rows() { #expect(AddressPolicy.parsedRows == AddressPolicy.rows.count) }

    @Test("The quick look at a table misses nothing: 20,000 random addresses")
    func quickLook() throws {
        var random = SeededRandom(state: 42)
        let blocks = try AddressPolicy.rows.map { (try AddressBlock($0.0), $0.1) }
        for _ in 0..<20_000 {
            let address =
                Bool.random(using: &random)
                ? IPAddress(v4: .random(in: 0 ... .max, using: &random))
                : IPAddress(
                    v6: UInt128.random(in: 0 ... .max, using: &random)
                        >> UInt128([0, 0, 3, 64, 96].randomElement(using: &random) ?? 0))
            let slow = blocks.first { $0.0.contains(address) }?.1
            let outside = address.family == .v6 && address.bits >> 125 != 1 ? AddressPolicy.Kind.reserved : nil
            guard AddressPolicy.kind(of: address) != slow ?? outside else { continue }
            Issue.record("\(address)")
        }
    }
}
