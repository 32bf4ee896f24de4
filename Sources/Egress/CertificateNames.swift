// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOSSL

extension NIOSSLCertificate {
    /// Whether the certificate is for a host, as RFC 9525 says: by its alternative names only, a name by names and an
    /// address by addresses.
    ///
    /// NIOSSL's own check takes a certificate for the address that is connected to as one for any name, so that
    /// whoever answers for a name in the DNS could show one for an address of theirs; and behind a proxy it would
    /// compare with the proxy's address.
    func isFor(_ host: NetworkHost) -> Bool {
        for name in _subjectAlternativeNames() {
            switch (host, name.nameType) {
            case (.name(let wanted), .dnsName): if Self.matches(Array(name.contents), wanted) { return true }
            case (.address(let wanted), .ipAddress): if IPAddress(bytes: Array(name.contents)) == wanted { return true }
            default: break
            }
        }
        return false
    }

    /// A star stands for the whole of the first label.
    static func matches(_ pattern: [UInt8], _ host: String) -> Bool {
        func labels(_ name: some Sequence<UInt8>) -> [[UInt8]] {
            var bytes = name.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
            if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
            return bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Array.init)
        }
        let (pattern, host) = (labels(pattern), labels(host.utf8))
        guard pattern.count == host.count, pattern.allSatisfy({ !$0.isEmpty }), pattern.count > 1 || host == pattern
        else {
            return false
        }
        guard pattern.first == [UInt8(ascii: "*")] else { return pattern == host }
        return pattern.count > 2 && pattern.dropFirst() == host.dropFirst()
    }
}
