// SPDX-License-Identifier: Apache-2.0
import Isolates
import Support
import Testing

@Suite(.leavesNoIsolates) struct ContextTests {
    private struct Point: Codable, Equatable, Sendable {
        var x: Int
        var name: String?
        var path: [Double] = []
    }

    @Test("Values come back as what they are")
    func values() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext(bare: true)
        #expect(try context.evaluate("undefined") == .undefined)
        #expect(try context.evaluate("null") == .null)
        #expect(try context.evaluate("true") == .boolean(true))
        #expect(try context.evaluate("-0.5") == .number(-0.5))
        #expect(try context.evaluate("'h\\u00e9\\ud83d\\ude00\\u0000'") == .string("hé😀\0"))
        #expect(try context.evaluate("'\\ud800'") == .string("\u{FFFD}"))
        #expect(try context.evaluate("new Uint8Array([1, 2, 3]).subarray(1)") == .bytes([2, 3]))
        #expect(try context.evaluate("({ x: [1, null] })") == .json(Array(#"{"x":[1,null]}"#.utf8)))
        #expect(try context.evaluate("(function () {})") == .undefined)
        #expect(try context.evaluate("({ toJSON() {} })") == .undefined)
    }

    @Test("A value that JSON cannot hold is an exception, not a crash", arguments: ["10n", "const a = {}; a.a = a; a"])
    func notJSON(_ source: String) throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        #expect { try context.evaluate(source) } throws: { error in
            guard case ScriptError.exception(let exception) = error else { return false }
            return exception.name == "TypeError"
        }
    }

    @Test("An exception carries name, message, code and place")
    func exception() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        let source = "\n  throw Object.assign(new RangeError('no'), { code: 'E_NO' })"
        let error = #expect(throws: ScriptError.self) { try context.evaluate(source, url: "file:///a.js") }
        guard case .exception(let exception)? = error else { return }
        #expect(exception.name == "RangeError")
        #expect(exception.message == "no")
        #expect(exception.code == "E_NO")
        #expect(exception.url == "file:///a.js")
        #expect(exception.line == 2)
        #expect(exception.column == 3)
        #expect(exception.sourceLine == "  throw Object.assign(new RangeError('no'), { code: 'E_NO' })")
        #expect(exception.stack.hasPrefix("RangeError: no\n    at file:///a.js:2:"))
    }

    @Test(
        "Anything can be thrown",
        arguments: [
            ("throw 1", "1"), ("throw 'text'", "text"), ("throw undefined", "undefined"),
            ("throw Symbol('s')", "Symbol(s)"),
            ("throw { get message() { throw 1 } }", "#<Object>"), ("throw null", "null"),
            ("throw new Proxy({}, { get() { throw 1 } })", "#<Object>"),
        ])
    func anyThrown(_ source: String, _ message: String) throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        #expect { try context.evaluate(source) } throws: { error in
            guard case ScriptError.exception(let exception) = error else { return false }
            return exception.message == message && exception.name.isEmpty
        }
    }

    @Test("A host function takes and gives Codable values")
    func hostFunction() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        try context.define("move") { (point: Point, by: Int) in
            Point(x: point.x + by, name: point.name, path: point.path + [1.5])
        }
        let moved = try context.evaluate("move({ x: 40, name: 'é', path: [1] }, 2)", as: Point.self)
        #expect(moved == Point(x: 42, name: "é", path: [1, 1.5]))
    }

    @Test("Wrong arguments of a host function are a TypeError that says which")
    func wrongArguments() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        try context.define("double") { (number: Int) in number * 2 }
        let message = try context.evaluate(
            "try { double('x') } catch (e) { `${e.name} ${e.code} ${e.message}` }", as: String.self)
        #expect(message.hasPrefix("TypeError ERR_INVALID_ARG_TYPE argument 1: "))
    }

    @Test("What a host function throws is a JavaScript exception with its code")
    func hostThrows() throws {
        struct Odd: Error {}
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        try context.define("deny") { () throws -> Int in
            throw HostException(.typeError, "no", name: "Denied", code: "E")
        }
        try context.define("odd") { () throws -> Int in throw Odd() }
        let seen = try context.evaluate(
            """
            const see = (f) => { try { f() } catch (e) { return [e.constructor.name, e.name, e.message, e.code] } };
            JSON.stringify([see(deny), see(odd)])
            """, as: String.self)
        #expect(seen == #"[["TypeError","Denied","no","E"],["Error","Error","Odd()",null]]"#)
    }

    @Test("An argument whose toJSON throws throws that, and the host function does not run")
    func hostileArgument() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        try context.define("take") { (_: Point) in
            Issue.record("the host function ran")
            return 0
        }
        let seen = try context.evaluate("try { take({ toJSON() { throw 'mine' } }) } catch (e) { e }", as: String.self)
        #expect(seen == "mine")
    }

    @Test("An async host function answers through a promise")
    func asyncHostFunction() throws {
        let loop = try EventLoop()
        let isolate = try Isolate(TestEngine.shared()) { loop.post {} }
        let context = try isolate.makeContext()
        try context.define("later") { (number: Int) async throws -> Int in
            if number < 0 { throw HostException(.rangeError, "negative", code: "E_NEGATIVE") }
            await Task.yield()
            return number * 2
        }
        try context.evaluate(
            "async function go() { let r = await Promise.all([later(1), later(2)]); try { await later(-1) } catch (e) { r.push(e.code) } return r }"
        )
        guard case .pending(let promise) = try context.function("go").call() else {
            Issue.record("the promise was settled at once")
            return
        }
        let value = try isolate.wait(for: promise, on: loop, timeout: .seconds(30))
        #expect(value == .json(Array(#"[2,4,"E_NEGATIVE"]"#.utf8)))
        let pending = isolate.pendingHostCalls
        #expect(pending == 0)
    }

    @Test("Waiting for a promise that never settles ends with the timeout")
    func waitTimeout() throws {
        let loop = try EventLoop()
        let isolate = try Isolate(TestEngine.shared()) { loop.post {} }
        let context = try isolate.makeContext()
        try context.evaluate("function never() { return new Promise(() => {}) }")
        guard case .pending(let promise) = try context.function("never").call() else { return }
        #expect(throws: ScriptError.terminated(.wall)) {
            try isolate.wait(for: promise, on: loop, timeout: .milliseconds(5))
        }
    }

    @Test("A function is called with Codable arguments and decodes its result")
    func callFunction() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        try context.evaluate("function shift(p, by) { return { ...p, x: p.x + by } }")
        let result = try context.function("shift").call(Point(x: 1, name: nil, path: [2]), 5, as: Point.self)
        #expect(result == Point(x: 6, name: nil, path: [2]))
        #expect(throws: ScriptError.self) { try context.function("missing") }
    }

    @Test("An external copy carries a value with cycles to another isolate")
    func externalCopy() throws {
        let engine = try TestEngine.shared()
        let first = try Isolate(engine)
        let second = try Isolate(engine)
        let source = try first.makeContext()
        let target = try second.makeContext()
        try source.evaluate("function give() { const m = new Map([['k', new Date(0)]]); m.set('self', m); return m }")
        try target.evaluate("function take(m) { return [m.get('self') === m, m.get('k').getTime(), m.size] }")
        guard case .value(let copy) = try source.function("give").call(form: .clone) else { return }
        let seen = try target.function("take").call(arguments: [copy])
        guard case .value(let value) = seen else { return }
        #expect(value == .json(Array("[true,0,2]".utf8)))
    }

    @Test("A foreign clone blob is refused, not trusted")
    func foreignClone() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        try context.evaluate("function take(m) { return 1 }")
        let function = try context.function("take")
        let copy = ExternalCopy(bytes: [0xFF, 0x0D, 0x6F, 0x22, 0x00])
        #expect(throws: ScriptError.self) { try function.call(.clone(copy)) }
    }

    @Test("eval and new Function are there by grant only, by every way to them", arguments: [false, true])
    func codeGeneration(isGranted: Bool) throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext(allowsCodeGeneration: isGranted)
        let seen = try context.evaluate(
            """
            const tries = [() => eval('1'), () => new Function('return 1')(), () => (0, eval)('1'),
              () => (async () => {}).constructor('return 1')(), () => (function* () {}).constructor('yield 1')(),
              () => Reflect.construct(Function, ['1'])];
            tries.map((f) => { try { f(); return 'ran' } catch (e) { return e.name } }).join()
            """, as: String.self)
        let expected = Array(repeating: isGranted ? "ran" : "EvalError", count: 6).joined(separator: ",")
        #expect(seen == expected)
    }

    @Test("WebAssembly is there by grant only", arguments: [false, true])
    func webAssembly(isGranted: Bool) throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext(allowsWebAssembly: isGranted)
        let seen = try context.evaluate(
            """
            try { new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); 'compiled' }
            catch (e) { e.name }
            """, as: String.self)
        #expect(seen == (isGranted ? "compiled" : "ReferenceError"))
    }

    @Test("A rejection that nothing handles is an uncaught error; a handled one is not")
    func rejections() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        try context.evaluate(
            "Promise.reject(new Error('caught')).catch(() => {}); Promise.reject(new TypeError('lost'))")
        #expect(try context.takeUncaught()?.message == "lost")
        #expect(try context.takeUncaught() == nil)
    }

    @Test("Releasing a context leaves the others alone, and what it named is gone")
    func release() throws {
        let isolate = try Isolate(TestEngine.shared())
        let first = try isolate.makeContext()
        let second = try isolate.makeContext()
        try first.evaluate("function f() { return 1 }")
        let function = try first.function("f")
        first.release()
        #expect(throws: ScriptError.self) { try function.call() }
        #expect(throws: ScriptError.self) { try first.evaluate("1") }
        #expect(try second.evaluate("2", as: Int.self) == 2)
    }

    @Test("Deep recursion is a RangeError, inside a host call too")
    func recursion() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        try context.define("touch") { (number: Int) in number }
        let seen = try context.evaluate(
            """
            let depth = 0;
            function f() { depth++; touch(depth); f() }
            let name; try { f() } catch (e) { name = e.name } name
            """, as: String.self)
        #expect(seen == "RangeError")
    }
}
