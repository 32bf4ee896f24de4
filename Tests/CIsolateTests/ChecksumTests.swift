// SPDX-License-Identifier: Apache-2.0
import CHeaderTests
import Testing

/// The checksum that V8 takes of its snapshot and of code caches.
@Suite struct ChecksumTests {
    /// RFC 1950, 8.2, in words.
    private func expected(_ bytes: [UInt8], after adler: UInt) -> UInt {
        var (first, second) = (adler & 0xFFFF, adler >> 16 & 0xFFFF)
        for byte in bytes {
            first = (first + UInt(byte)) % 65521
            second = (second + first) % 65521
        }
        return second << 16 | first
    }

    @Test("The checksum is Adler-32, for every length, start and kind of bytes")
    func lengths() {
        let lengths = Array(0...70) + [5551, 5552, 5553, 5568, 11_104, 100_003]
        let kinds: [(Int) -> UInt8] = [
            { _ in 255 }, { _ in 0 }, { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 7) },
        ]
        for kind in kinds {
            for length in lengths {
                let bytes = (0..<length).map(kind)
                for start in [0, 1, 0xFFF0_FFF0] as [UInt] {
                    #expect(unsafe Cr_z_adler32(start, bytes, UInt32(length)) == expected(bytes, after: start))
                }
            }
        }
    }

    @Test("Without bytes the checksum is where one begins")
    func none() { #expect(Cr_z_adler32(7, nil, 0) == 1) }
}
