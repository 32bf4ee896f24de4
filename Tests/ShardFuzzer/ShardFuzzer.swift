// SPDX-License-Identifier: Apache-2.0
import Foundation
import HostAPI
import NIOCore
import ShardProtocol
import ShardProtocolSupport
import Synchronization

/// `ShardFuzzer SECONDS [SEED]`: made up conversations until the time is over. `ShardFuzzer cost COUNT [calls]`: so many
/// requests through both sides, for a program that counts instructions.
@main
struct ShardFuzzer {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "cost" {
            let rest = Array(arguments.dropFirst())
            return cost(Int(rest.first ?? "") ?? 10_000, calls: rest.count > 1 ? Int(rest[1]) ?? 0 : 0)
        }
        let seconds = Double(arguments.first ?? "") ?? 60
        var seed = UInt64(arguments.dropFirst().first ?? "") ?? UInt64.random(in: 0..<1 << 40)
        say("seed \(seed)")
        let end = Date().addingTimeInterval(seconds)
        var count = 0
        var first = 0
        while Date() < end {
            for _ in 0..<50 {
                Attack.onSupervisor(SeededGenerator(seed))
                Attack.onShard(SeededGenerator(seed))
                Attack.onBoth(SeededGenerator(seed))
                Attack.onNobody(SeededGenerator(seed))
                seed += 1
                count += 4
            }
            if first == 0 { first = residentKiB() }
            if count % 20_000 == 0 { say("\(count) conversations, \(residentKiB()) KiB") }
        }
        say("\(count) conversations, \(first) KiB at first, \(residentKiB()) KiB at last, next seed \(seed)")
    }

    /// Into a file or a pipe, too, as it happens.
    private static func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

    private static func residentKiB() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * 4
    }

    private static func cost(_ count: Int, calls: Int) {
        let pair = LinkPair(isLive: false) { dispatch, shard in
            let bindings = bound.withLock { bound in
                if bound.isEmpty, calls > 0, let known = try? shard.scope(of: 1).bindings { bound = known }
                return bound
            }
            let scope = calls > 0 ? CallScope(caller: "w", bindings: bindings, dispatch: UInt64(dispatch.id)) : nil
            for _ in 0..<calls {
                scope?.call(
                    Probe.index("echo"), on: 0, argumentBytes: 8, { () throws(HostError) in [.string("a key")] }
                ) { _ in }
            }
            dispatch.respond(
                AnswerDescription(
                    status: 200, headers: Array("content-type\ntext/plain;charset=UTF-8\n".utf8),
                    body: .whole(Array("hello".utf8))))
            if calls == 0 { dispatch.end(DispatchReport()) } else { ended.withLock { $0.append(dispatch) } }
        }
        let head = Array("GET\nhttps://hello.localhost/\nhost\nhello.localhost\naccept\n*/*\nuser-agent\ncurl/8\n".utf8)
        let description = DispatchDescription(worker: "hello", head: head)
        let start = pair.bytesMoved
        for _ in 0..<count / 16 {
            for _ in 0..<16 { pair.supervisor.dispatch(description, CostObserver()) }
            pair.move()
            let over = ended.withLock { ended in
                defer { ended = [] }
                return ended
            }
            for dispatch in over { dispatch.end(DispatchReport()) }
            pair.move()
        }
        print("\(count / 16 * 16) requests, \((pair.bytesMoved - start) / (count / 16 * 16)) bytes each")
    }

    private static let bound = Mutex<[HostBinding]>([])
    private static let ended = Mutex<[ShardDispatch]>([])
}

/// Costs nothing itself.
private final class CostObserver: RemoteDispatchObserver {
    private static let bindings = (try? [Probe.binding()]) ?? []
    func makeScope(version: Int) -> CallScope? { CallScope(caller: "w", bindings: Self.bindings) }
    func respond(_ answer: AnswerDescription) {}
    func start(_ answer: AnswerDescription, body: any ByteStream) { body.cancel() }
    func refuse(_ refusal: DispatchRefusal) {}
    func lose() {}
    func approach(_ limit: ApproachedLimit) {}
    func log(_ line: LineDescription) {}
    func end(_ report: DispatchReport?, _ scope: CallScope?) {}
}
