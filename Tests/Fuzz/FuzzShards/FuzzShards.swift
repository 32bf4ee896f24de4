// SPDX-License-Identifier: Apache-2.0
import ShardProtocolSupport

/// libFuzzer's target: conversations made up from its bytes, of which the first says who lies.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzShards(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = input.first else { return -1 }
    let generator = ByteGenerator(Array(input.dropFirst()))
    switch choice % 4 {
    case 0: Attack.onSupervisor(generator)
    case 1: Attack.onShard(generator)
    case 2: Attack.onBoth(generator)
    default: Attack.onNobody(generator)
    }
    return 0
}

/// SwiftPM starts every program here, so libFuzzer's own `main` is not reached.
@_cdecl("FuzzShards_main")
public func start(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var count = count
    var arguments = unsafe arguments
    return unsafe runFuzzer(&count, &arguments, fuzzShards)
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ target: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
