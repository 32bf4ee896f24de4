// SPDX-License-Identifier: Apache-2.0
import HostAPI
import NIOCore
import ShardProtocolSupport
import Testing

@testable import ShardProtocol

@Suite("Frames")
struct CodecTests {
    private func frames(_ bytes: ByteBuffer, for side: FrameDecoder.Side) throws -> [Frame] {
        var decoder = FrameDecoder(for: side)
        decoder.append(bytes)
        var frames: [Frame] = []
        while let frame = try decoder.next() { frames.append(frame) }
        try decoder.finish()
        return frames
    }

    @Test("What a supervisor says is understood as it was said", arguments: 0..<20 as Range<UInt64>)
    func supervisorRoundTrip(_ seed: UInt64) throws {
        var maker = MessageMaker(SeededGenerator(seed))
        let messages = (0..<100).map { _ in maker.supervisorMessage() }
        var bytes = ByteBuffer()
        for message in messages { try message.encode(into: &bytes) }
        let heard = try frames(bytes, for: .shard).map { try SupervisorMessage($0) }
        for (heard, message) in zip(heard, messages) { #expect(heard == message) }
        #expect(heard.count == messages.count)
    }

    @Test("What a shard says is understood as it was said", arguments: 0..<20 as Range<UInt64>)
    func shardRoundTrip(_ seed: UInt64) throws {
        var maker = MessageMaker(SeededGenerator(seed))
        let messages = (0..<100).map { _ in maker.shardMessage() }
        var bytes = ByteBuffer()
        for message in messages { try message.encode(into: &bytes) }
        let heard = try frames(bytes, for: .supervisor).map { try ShardMessage($0) }
        for (heard, message) in zip(heard, messages) { #expect(heard == message) }
        #expect(heard.count == messages.count)
    }

    @Test("However the bytes are cut, the frames are the same", arguments: [1, 2, 3, 7, 64])
    func pieces(_ size: Int) throws {
        var maker = MessageMaker(SeededGenerator(9))
        let messages = (0..<60).map { _ in maker.shardMessage() }
        var bytes = ByteBuffer()
        for message in messages { try message.encode(into: &bytes) }
        var decoder = FrameDecoder(for: .supervisor)
        var heard: [ShardMessage] = []
        while let piece = bytes.readSlice(length: min(size, bytes.readableBytes)), piece.readableBytes > 0 {
            decoder.append(piece)
            while let frame = try decoder.next() { heard.append(try ShardMessage(frame)) }
        }
        try decoder.finish()
        #expect(heard == messages)
    }

    @Test("A frame that was cut anywhere is no frame, and the end of the connection says so")
    func truncation() throws {
        var maker = MessageMaker(SeededGenerator(5))
        for _ in 0..<60 {
            var bytes = ByteBuffer()
            try maker.supervisorMessage().encode(into: &bytes)
            for length in 1..<bytes.readableBytes {
                var decoder = FrameDecoder(for: .shard)
                decoder.append(bytes.getSlice(at: 0, length: length) ?? bytes)
                #expect(try decoder.next() == nil)
                #expect(throws: ProtocolError.self) { try decoder.finish() }
            }
        }
    }

    @Test("A frame whose content was cut anywhere is malformed, and stays no message")
    func truncatedContent() throws {
        var maker = MessageMaker(SeededGenerator(6))
        for _ in 0..<150 {
            var bytes = ByteBuffer()
            let message = maker.shardMessage()
            try message.encode(into: &bytes)
            let content = bytes.readableBytes - FrameHeader.size
            for length in 0..<max(0, content) {
                var cut = bytes.getSlice(at: 0, length: FrameHeader.size + length) ?? bytes
                cut.setInteger(UInt32(length), at: 0, endianness: .little)
                // A shorter body is a body.
                guard let heard = try? frames(cut, for: .supervisor).map({ try ShardMessage($0) }) else { continue }
                #expect(heard != [message])
            }
        }
    }

    private func header(_ length: UInt32, _ kind: UInt8, flags: UInt8 = 0, id: UInt32 = 0) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeMultipleIntegers(length, kind, flags, id, endianness: .little)
        return bytes
    }

    private func refusal(_ bytes: ByteBuffer, for side: FrameDecoder.Side = .supervisor) -> ProtocolError.Code? {
        var decoder = FrameDecoder(for: side)
        decoder.append(bytes)
        do throws(ProtocolError) {
            while try decoder.next() != nil {}
            return nil
        } catch {
            return error.code
        }
    }

    @Test("A gigantic frame is refused by its header, before anything is made for it", arguments: FrameKind.allCases)
    func gigantic(_ kind: FrameKind) {
        let side: FrameDecoder.Side = kind.rawValue >= 64 || kind.rawValue < 32 ? .supervisor : .shard
        let id: UInt32 = kind.hasID ? 1 : 0
        #expect(refusal(header(UInt32(kind.mostBytes + 1), kind.rawValue, id: id), for: side) == .tooLarge)
        #expect(refusal(header(.max, kind.rawValue, id: id), for: side) == .tooLarge)
        #expect(refusal(header(UInt32(kind.mostBytes), kind.rawValue, id: id), for: side) == nil)
    }

    @Test("What is no kind, or is not this side's to hear, is refused")
    func unknownKinds() {
        for kind in UInt8.min...UInt8.max where FrameKind(rawValue: kind) == nil {
            #expect(refusal(header(0, kind)) == .unknownKind)
        }
        #expect(refusal(header(0, FrameKind.drain.rawValue)) == .unknownKind)
        #expect(refusal(header(0, FrameKind.ready.rawValue), for: .shard) == .unknownKind)
    }

    @Test("Flags and ids that a kind does not have are refused")
    func flagsAndIDs() {
        #expect(refusal(header(0, FrameKind.ready.rawValue, flags: 1)) == .malformed)
        #expect(refusal(header(0, FrameKind.chunk.rawValue, flags: 2, id: 1)) == .malformed)
        #expect(refusal(header(0, FrameKind.ready.rawValue, id: 1)) == .unknownID)
        #expect(refusal(header(0, FrameKind.chunk.rawValue)) == .unknownID)
    }

    @Test("A decoder that has refused refuses from then on")
    func staysRefused() throws {
        var decoder = FrameDecoder(for: .supervisor)
        decoder.append(header(0, 200))
        #expect(throws: ProtocolError.self) { try decoder.next() }
        var good = ByteBuffer()
        try ShardMessage.ready.encode(into: &good)
        decoder.append(good)
        #expect(throws: ProtocolError.self) { try decoder.next() }
        #expect(decoder.heldBytes == 0)
    }

    @Test("Lists may be in lists eight deep, and no deeper")
    func depth() throws {
        func nested(_ depth: Int) -> WireValue { (0..<depth).reduce(.null) { value, _ in .list([value]) } }
        func heard(_ value: WireValue) -> Bool {
            var bytes = ByteBuffer()
            guard (try? SupervisorMessage.answer(0x8000_0000, .success(value)).encode(into: &bytes)) != nil else {
                return false
            }
            return (try? frames(bytes, for: .shard).map { try SupervisorMessage($0) }) != nil
        }
        #expect(heard(nested(8)))
        #expect(!heard(nested(9)))
        #expect(!heard(nested(200)))
        #expect(nested(8).isEncodable)
        #expect(!nested(9).isEncodable)
    }

    @Test("A message may hold 65536 values, and no more")
    func count() throws {
        let most = HostValueCoding.mostValues
        let fits = WireValue.list([WireValue](repeating: .null, count: most - 1))
        let exceeds = WireValue.list([.list([WireValue](repeating: .null, count: most - 3)), .null, .null])
        for (value, isFine) in [(fits, true), (exceeds, false)] {
            var bytes = ByteBuffer()
            try SupervisorMessage.answer(0x8000_0000, .success(value)).encode(into: &bytes)
            let heard = try? frames(bytes, for: .shard).map { try SupervisorMessage($0) }
            #expect((heard != nil) == isFine)
            #expect(value.isEncodable == isFine)
        }
    }

    @Test("A message that is too large for its frame is not written at all")
    func tooLargeToSay() throws {
        var bytes = ByteBuffer()
        try ShardMessage.ready.encode(into: &bytes)
        let before = bytes
        let value = WireValue.bytes([UInt8](repeating: 0, count: FrameKind.answer.mostBytes))
        #expect(throws: ProtocolError.self) {
            try SupervisorMessage.answer(0x8000_0000, .success(value)).encode(into: &bytes)
        }
        #expect(bytes == before)
    }

    @Test("An error's text is cut short between characters")
    func longError() throws {
        for extra in 0..<4 {
            let text = String(repeating: "x", count: extra) + String(repeating: "語", count: 5000)
            var bytes = ByteBuffer()
            try SupervisorMessage.answer(0x8000_0000, .failure(HostError(.failed, text))).encode(into: &bytes)
            guard
                case .answer(_, .failure(let error))? = try frames(bytes, for: .shard).map({ try SupervisorMessage($0) }
                ).first
            else {
                Issue.record("no answer")
                return
            }
            #expect(error.message.utf8.count <= 4096)
            #expect(error.message.hasSuffix("語…"))
        }
    }

    @Test("Headers that would break a response are refused", arguments: ["a\n", "a\nb", "a\nb\r\nc\n", "a\nb\u{0}\n"])
    func brokenHeaders(_ lines: String) throws {
        var bytes = ByteBuffer()
        try ShardMessage.response(1, AnswerDescription(status: 200, headers: Array(lines.utf8))).encode(into: &bytes)
        #expect(throws: ProtocolError.self) { try frames(bytes, for: .supervisor).map { try ShardMessage($0) } }
    }

    @Test("Another version of the protocol, and another program, are refused")
    func versions() throws {
        var bytes = ByteBuffer()
        try ShardMessage.hello(ShardGreeting(process: 1, engine: "x")).encode(into: &bytes)
        for place in [10, 11, 14] {
            var other = bytes
            other.setInteger(UInt8(99), at: place)
            let error = #expect(throws: ProtocolError.self) {
                try frames(other, for: .supervisor).map { try ShardMessage($0) }
            }
            #expect(error?.code == .version)
        }
    }
}
