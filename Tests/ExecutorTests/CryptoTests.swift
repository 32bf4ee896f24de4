// SPDX-License-Identifier: Apache-2.0
import Testing

/// What the command line has to do with `crypto`.
@Suite("Crypto of rookery run", .serialized, .timeLimit(.minutes(2)))
struct CryptoTests {
    @Test("Computations that would take hours end with the status of the CPU limit")
    func cpuLimit() async throws {
        let folder = try ScriptFolder([
            "main.mjs": """
            const key = await crypto.subtle.importKey('raw', new Uint8Array(8), 'PBKDF2', false, ['deriveBits']);
            const parameters = { name: 'PBKDF2', hash: 'SHA-1', salt: new Uint8Array(8), iterations: 2 ** 31 };
            await Promise.all(Array.from({ length: 100 }, () => crypto.subtle.deriveBits(parameters, key, 8)));
            """
        ])
        let run = try await folder.run("--cpu-limit", "300", "main.mjs")
        run.expect(3)
        #expect(run.lastErrorLine == "rookery: CPU limit of 300 ms exceeded", "\(run)")
    }

    @Test("Random values follow from the seed, and from nothing without one")
    func seed() async throws {
        let folder = try ScriptFolder([
            "main.mjs": "console.log(crypto.randomUUID(), crypto.getRandomValues(new Uint32Array(3)).join());"
        ])
        var outputs: Set<String> = []
        for seed in [["--seed", "5"], ["--seed", "5"], ["--seed", "6"], [], []] {
            outputs.insert(try await folder.run(seed + ["main.mjs"]).output)
        }
        #expect(outputs.count == 4)
    }
}
