// SPDX-License-Identifier: Apache-2.0
import Isolates
import Support
import Testing

@Suite(.leavesNoIsolates) struct ApproachLimitTests {
    @Test("Listeners and the handler of the global hear a trusted event that a limit approaches")
    func event() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        try context.evaluate(
            """
            const heard = [];
            const hear = ({ type, limit, used, total, isTrusted, cancelable, target }) => {
              heard.push([type, limit, used, total, isTrusted, cancelable, target === globalThis].join());
            };
            addEventListener('limitapproaching', hear);
            onlimitapproaching = hear;
            """)
        let approachLimit = try context.preludeFunction("approachLimit")
        _ = try approachLimit.call(.string("cpu"), .number(40.5), .number(50), form: .nothing)
        _ = try approachLimit.call(.string("memory"), .number(64e6), .number(128e6), form: .nothing)
        let cpu = "limitapproaching,cpu,40.5,50,true,false,true"
        let memory = "limitapproaching,memory,64000000,128000000,true,false,true"
        #expect(try context.evaluate("heard", as: [String].self) == [cpu, cpu, memory, memory])
        #expect(try context.takeUncaught() == nil)
    }

    @Test("What a listener throws is an uncaught error of the script, not of the call")
    func throwing() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        try context.evaluate("onlimitapproaching = () => { throw new RangeError('near'); }")
        let approachLimit = try context.preludeFunction("approachLimit")
        _ = try approachLimit.call(.string("wall"), .number(80), .number(100), form: .nothing)
        #expect(try context.takeUncaught()?.message == "near")
    }
}
