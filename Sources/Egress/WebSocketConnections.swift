// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore
internal import Synchronization

/// The connections of one dispatch by number.
final class WebSocketConnections: Kept {
    private struct State {
        var hasEnded = false
        var next = 0
        /// Those that are open, being opened, or closing.
        var places = 0
        var open: [Int: WebSocketConnection] = [:]
    }

    private let state = Mutex(State())

    /// A connection's place among those of its dispatch, until it is let go of.
    final class Place: Sendable {
        private let connections: WebSocketConnections

        fileprivate init(_ connections: WebSocketConnections) { self.connections = connections }

        deinit { connections.state.withLock { $0.places -= 1 } }
    }

    subscript(number: Int) -> WebSocketConnection? { state.withLock { $0.open[number] } }

    func reserve(atMost most: Int) throws(HostError) -> Place {
        let isFree = state.withLock { state in
            // What is over counts until the script has received how it ended.
            guard max(state.places, state.open.count) < most else { return false }
            state.places += 1
            return true
        }
        guard isFree else {
            throw HostError(.exhausted, "\(most) connections are open, which is the limit; close one first")
        }
        return Place(self)
    }

    /// The number of the connection; nil where the dispatch is over, and the connection with it.
    func add(_ connection: WebSocketConnection) -> Int? {
        let number = state.withLock { state -> Int? in
            guard !state.hasEnded else { return nil }
            state.next += 1
            state.open[state.next] = connection
            return state.next
        }
        if number == nil { connection.end() }
        return number
    }

    /// A connection that is over is forgotten.
    func remove(_ number: Int) { _ = state.withLock { $0.open.removeValue(forKey: number) } }

    func end() {
        let open = state.withLock { state in
            state.hasEnded = true
            defer { state.open = [:] }
            return state.open
        }
        for connection in open.values { connection.end() }
    }
}

/// What connections use of what their dispatch may.
final class WebSocketAccount: Sendable {
    private struct State {
        var held = 0
        var blocks: [Permit] = []
        /// For as long as the connection is.
        var permits: [any Sendable]
    }

    private static let block = 64 << 10

    private let call: HostCall<NetworkGrant>
    private let state: Mutex<State>

    init(_ call: HostCall<NetworkGrant>, _ permit: Permit, _ place: WebSocketConnections.Place) {
        self.call = call
        state = Mutex(State(permits: [permit, place]))
    }

    var caller: String { call.caller }
    var grant: NetworkGrant { call.grant }

    func traceFields(beside names: [String]) -> [(name: String, value: String)] { call.traceFields(beside: names) }

    func charge(_ bytes: Int, of quantity: Quantity) throws(HostError) { try call.charge(bytes, of: quantity) }

    /// Counts what is held for the script, in blocks.
    func hold(_ bytes: Int) throws(HostError) {
        let missing = state.withLock { state in
            state.held += bytes
            return (state.held + Self.block - 1) / Self.block - state.blocks.count
        }
        guard missing > 0 else { return }
        var blocks: [Permit] = []
        for _ in 0..<missing { blocks.append(try call.permit(Self.block, of: .heldBytes)) }
        state.withLock { [blocks] state in state.blocks += blocks }
    }

    func release(_ bytes: Int) {
        let surplus = state.withLock { state -> [Permit] in
            state.held = max(0, state.held - bytes)
            let kept = (state.held + Self.block - 1) / Self.block
            guard state.blocks.count > kept else { return [] }
            let surplus = Array(state.blocks[kept...])
            state.blocks.removeLast(surplus.count)
            return surplus
        }
        withExtendedLifetime(surplus) {}
    }

    /// The connection is no more.
    func end() {
        let all = state.withLock { state in
            defer { state = State(permits: []) }
            return state
        }
        withExtendedLifetime(all) {}
    }
}
