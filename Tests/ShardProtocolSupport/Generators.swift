// SPDX-License-Identifier: Apache-2.0

/// Numbers that may come to an end.
package protocol Numbers: RandomNumberGenerator, Sendable {
    /// Whether there are none any more.
    var isOver: Bool { get }
}

/// SplitMix64: the same numbers from the same seed.
package struct SeededGenerator: Numbers {
    package var isOver: Bool { false }
    private var state: UInt64

    package init(_ seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Numbers out of bytes, as a fuzzer gives them; zeros when these are used up.
package struct ByteGenerator: Numbers {
    private var rest: ArraySlice<UInt8>

    package init(_ bytes: [UInt8]) { rest = bytes[...] }

    package var isOver: Bool { rest.isEmpty }

    package mutating func next() -> UInt64 {
        // Few bytes for a number, so that each of them counts: choices are among few things.
        let taken = rest.prefix(2)
        rest = rest.dropFirst(2)
        var number: UInt64 = 0
        for byte in taken { number = number << 8 | UInt64(byte) }
        return number &* 0x9e37_79b9_7f4a_7c15 ^ number
    }
}

extension RandomNumberGenerator {
    /// A number from 0 to below the count.
    package mutating func pick(_ count: Int) -> Int { Int(next() >> 17 % UInt64(max(1, count))) }
    package mutating func flip() -> Bool { pick(2) == 0 }
    package mutating func choose<T>(_ list: [T]) -> T { list[pick(list.count)] }

    package mutating func bytes(atMost most: Int) -> [UInt8] {
        let count = pick(most + 1)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for _ in 0..<count { bytes.append(UInt8(truncatingIfNeeded: next() >> 24)) }
        return bytes
    }

    package mutating func text(atMost most: Int) -> String {
        let letters = ["a", "Z", "0", "-", "é", "語", "🪶", "\n", "\"", "\u{0}", "e\u{301}"]
        var text = ""
        for _ in 0..<pick(most + 1) { text += choose(letters) }
        return text
    }

    package mutating func maybe<T>(_ body: (inout Self) -> T) -> T? { flip() ? body(&self) : nil }

    package mutating func list<T>(atMost most: Int, _ body: (inout Self) -> T) -> [T] {
        (0..<pick(most + 1)).map { _ in body(&self) }
    }
}
