// SPDX-License-Identifier: Apache-2.0
import HostAPI

/// What is done to each key, step by step, so that what a key holds tells which steps were done.
enum Plan {
    static let lanes = 32
    static let keysPerLane = 8
    static let namespaces = 4
    static let all = 0..<(lanes * keysPerLane)

    static func namespace(_ key: Int) -> String { "n\(key % namespaces)" }
    static func name(_ key: Int) -> String { "key/\(key)" }

    /// What the key holds after a step; `nil` for nothing.
    static func value(_ key: Int, after step: Int) -> [UInt8]? {
        guard step > 0, step % 7 != 3 else { return nil }
        let size = (step + key) % 150 == 0 ? 300_000 : (step &* 7919 &+ key &* 104_729) % 2000
        var bytes = Array("\(key) \(step):".utf8)
        for place in 0..<size { bytes.append(UInt8(truncatingIfNeeded: place &* 31 &+ step &* 131 &+ key)) }
        return bytes
    }
}

/// The steps that were answered, in a file to which each answer adds a line: key, step, version.
struct Answers {
    struct Step {
        var step = 0
        var version = 0
    }

    private(set) var last = [Step](repeating: Step(), count: Plan.all.count)
    private(set) var count = 0

    /// What the file says. Its last line may be cut.
    init(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        _ = lines.popLast()
        for line in lines {
            let numbers = line.split(separator: " ").compactMap { Int($0) }
            guard numbers.count == 3, Plan.all.contains(numbers[0]), numbers[1] > last[numbers[0]].step else {
                continue
            }
            count += 1
            last[numbers[0]] = Step(step: numbers[1], version: numbers[2])
        }
    }
}
