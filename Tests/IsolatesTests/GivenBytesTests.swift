// SPDX-License-Identifier: Apache-2.0
import Isolates
import Support
import Testing

@Suite("Bytes that an isolate gives away", .leavesNoIsolates) struct GivenBytesTests {
    /// What a script gives with `give(value)`.
    private final class Given {
        var bytes: [GivenBytes?] = []
    }

    private func makeContext(_ isolate: borrowing Isolate, _ given: Given, least: Int = 1) throws -> Context {
        let context = try isolate.makeContext()
        try context.define("give") { (call: borrowing HostCall) in given.bytes.append(call.givenBytes(0, least: least))
        }
        return context
    }

    @Test("Bytes and texts come whole, and an ArrayBuffer that was given is detached")
    func whole() throws {
        let isolate = try Isolate(TestEngine.shared())
        let given = Given()
        let context = try makeContext(isolate, given)
        let left = try context.evaluate(
            """
            const bytes = new Uint8Array(100000).fill(7);
            bytes[99999] = 8;
            give(bytes);
            give('x'.repeat(50000) + 'y');
            give('é\\u{1F600}\\uD800'.repeat(20000));
            [bytes.length, bytes.buffer.byteLength]
            """, as: [Int].self)
        #expect(left == [0, 0])
        #expect(given.bytes[0]?.copied == [UInt8](repeating: 7, count: 99999) + [8])
        #expect(given.bytes[1]?.copied == [UInt8](repeating: UInt8(ascii: "x"), count: 50000) + [UInt8(ascii: "y")])
        let text = Array(repeating: Array("é\u{1F600}\u{FFFD}".utf8), count: 20000).flatMap(\.self)
        #expect(given.bytes[2]?.copied == text)
    }

    @Test("Parts of an ArrayBuffer, small values and what is no Uint8Array stay where they are")
    func refused() throws {
        let isolate = try Isolate(TestEngine.shared())
        let given = Given()
        let context = try makeContext(isolate, given, least: 1000)
        let left = try context.evaluate(
            """
            const whole = new Uint8Array(4000);
            const values = [new Uint8Array(999), whole.subarray(1), whole.subarray(0, 3999), whole.buffer,
              new Uint16Array(2000), 'x'.repeat(999), 1, null, undefined, {}, new Uint8Array(0)];
            for (const value of values) give(value);
            give();
            [values[0].length, whole.length, values[4].length]
            """, as: [Int].self)
        #expect(left == [999, 4000, 2000])
        #expect(given.bytes.count == 12)
        #expect(given.bytes.allSatisfy { $0 == nil })
    }

    @Test("They are charged to the isolate until they are let go of, and outlive it")
    func charged() throws {
        let given = Given()
        do {
            let isolate = try Isolate(TestEngine.shared(), .init(heapLimit: 64 << 20))
            let context = try makeContext(isolate, given)
            try context.evaluate("give(new Uint8Array(5 << 20).fill(1)); give(new Uint8Array(3 << 20).fill(2));")
            isolate.notifyLowMemory()
            #expect(try isolate.heapStatistics().arrayBuffers == 8 << 20)
            given.bytes[0] = nil
            #expect(try isolate.heapStatistics().arrayBuffers == 3 << 20)
        }
        #expect(given.bytes[1]?.copied == [UInt8](repeating: 2, count: 3 << 20))
    }

    @Test("No isolate sees what another had in its ArrayBuffers", arguments: [40000, 65000, 200_000, 1 << 20, 5 << 20])
    func strangers(count: Int) throws {
        do {
            let isolate = try Isolate(TestEngine.shared())
            try isolate.makeContext().evaluate("for (let i = 0; i < 20; i++) new Uint8Array(\(count)).fill(0xAA)")
        }
        let isolate = try Isolate(TestEngine.shared())
        let seen = try isolate.makeContext().evaluate(
            """
            let seen = 0;
            for (let i = 0; i < 20; i++) {
              for (const bytes of [new Uint8Array(\(count)), new Uint8Array(\(count - 1000))]) {
                if (bytes.some((byte) => byte !== 0)) seen++;
                bytes.fill(0xBB);
              }
            }
            seen
            """, as: Int.self)
        #expect(seen == 0)
    }
}
