// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// What esbuild made of sources, in memory and in a store.
final class CompiledCache: Sendable {
    private let store: ContentStore?
    private let generations = Mutex(Generations())

    /// Two halves: when the young one is full, the old one goes and it takes that place.
    private struct Generations {
        var young: [String: Esbuild.Output] = [:]
        var old: [String: Esbuild.Output] = [:]
        var youngBytes = 0
    }

    private static let capacity = 64 << 20

    init(store: ContentStore?) {
        self.store = store
    }

    func output(for key: String) -> Esbuild.Output? {
        let known = generations.withLock { $0.young[key] ?? $0.old[key] }
        guard let output = known ?? store?.value(for: key).flatMap(Self.decode) else { return nil }
        remember(output, for: key)
        return output
    }

    func store(_ output: Esbuild.Output, for key: String) {
        remember(output, for: key)
        store?.store(Self.encode(output), for: key)
    }

    private func remember(_ output: Esbuild.Output, for key: String) {
        let size = output.code.count + output.map.count
        generations.withLock { generations in
            guard generations.young[key] == nil, size <= Self.capacity / 2 else { return }
            if generations.youngBytes + size > Self.capacity / 2 {
                generations.old = generations.young
                generations.young = [:]
                generations.youngBytes = 0
            }
            generations.young[key] = output
            generations.youngBytes += size
        }
    }

    /// The length of the code in decimal digits, a line end, the code, the map.
    private static func encode(_ output: Esbuild.Output) -> [UInt8] {
        Array("\(output.code.count)\n".utf8) + output.code + output.map
    }

    private static func decode(_ bytes: [UInt8]) -> Esbuild.Output? {
        guard let end = bytes.prefix(20).firstIndex(of: 10),
            let length = Int(String(decoding: bytes[..<end], as: UTF8.self)), length >= 0,
            length <= bytes.count - end - 1
        else { return nil }
        let code = bytes[(end + 1)...].prefix(length)
        return Esbuild.Output(code: Array(code), map: Array(bytes[(end + 1 + length)...]))
    }
}
