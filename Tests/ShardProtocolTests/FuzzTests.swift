// SPDX-License-Identifier: Apache-2.0
import ShardProtocolSupport
import Testing

@Suite("Made up conversations")
struct FuzzTests {
    @Test("A supervisor stays whole whatever a shard says", arguments: [1 as UInt64, 2])
    func lyingShard(_ seed: UInt64) {
        for number in 0..<40 as Range<UInt64> { Attack.onSupervisor(SeededGenerator(seed << 32 | number)) }
    }

    @Test("A shard stays whole whatever a supervisor says", arguments: [1 as UInt64, 2])
    func lyingSupervisor(_ seed: UInt64) {
        for number in 0..<40 as Range<UInt64> { Attack.onShard(SeededGenerator(seed << 32 | number)) }
    }

    @Test("What is false in the middle of a conversation ends it, at the most", arguments: [1 as UInt64, 2])
    func liesBetween(_ seed: UInt64) {
        for number in 0..<25 as Range<UInt64> { Attack.onBoth(SeededGenerator(seed << 32 | number)) }
    }

    @Test("Two honest sides find no fault with each other", arguments: [1 as UInt64, 2])
    func honest(_ seed: UInt64) {
        for number in 0..<25 as Range<UInt64> { Attack.onNobody(SeededGenerator(seed << 32 | number)) }
    }
}
