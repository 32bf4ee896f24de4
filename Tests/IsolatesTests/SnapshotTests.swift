// SPDX-License-Identifier: Apache-2.0
import Isolates
import Support
import Testing

/// What every isolate starts from.
@Suite(.leavesNoIsolates, .timeLimit(.minutes(10))) struct SnapshotTests {
    private func holds(_ text: String) throws -> Bool {
        let bytes = try TestEngine.snapshot().bytes
        let text = Array(text.utf8)
        return bytes.indices.contains { bytes[$0] == text[0] && bytes[$0...].starts(with: text) }
    }

    @Test("The snapshot has the code of functions that a request reaches, and of no others")
    func code() throws {
        // Each is a text in one function, which V8 sets aside when it compiles that.
        #expect(try holds("The fetch handler returned "))
        #expect(try holds("The URL of the request is malformed"))
        #expect(try !holds("A timer needs a function"))
        #expect(try !holds("Request: a URL with a username or password is refused"))
    }

    @Test("Nothing of the warm-up is in the snapshot")
    func leftovers() throws {
        for text in ["warm.test", "x-warm", "99-warm-up", "readJson"] { #expect(try !holds(text)) }
    }

    @Test("The text of scripts is not in the snapshot, and functions have it all the same")
    func text() throws {
        #expect(try !holds("const dispatchFetch = "))
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        let (result, _) = isolate.turn { () throws(ScriptError) in
            // Not compiled yet, so that V8 reads its text now.
            let shown = try context.evaluate(
                "new Request('https://a.test/', { method: 'put' }).method", as: String.self)
            return [shown, try context.evaluate("`${setTimeout}`", as: String.self)]
        }
        #expect(try result.get().first == "PUT")
        #expect(try result.get().last?.hasPrefix("setTimeout(handler, timeout = 0, ...args) {") == true)
    }

    @Test("The snapshot stays small: every isolate pays for it")
    func size() throws { #expect(try TestEngine.snapshot().bytes.count < 800_000) }

    @Test("A warm-up that goes wrong makes no snapshot")
    func brokenWarmUps() throws {
        let refusals = try TestEngine.refusalsOfWarmUps().map { $0.map { "\($0)" } ?? "none" }
        #expect(refusals.count == 3)
        #expect(refusals[0].contains("at once") && refusals[1].contains("late"))
        #expect(refusals[2].contains("returned no function"))
    }
}
