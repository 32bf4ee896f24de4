// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Synchronization
internal import WorkerTypes

/// Messages of a WebSocket out of its channel, one at a time. Holds a window of bytes, and the message that comes.
final class SocketReader: Sendable {
    typealias Answer = @Sendable (Result<SocketMessage?, HostError>) -> Void

    private struct State {
        var decoder = SocketDecoder()
        /// Bytes of the message that comes, for which there was room.
        var room = 0
    }

    /// What is read at a time; a message that is not larger needs no room.
    private static let mostRead = 64 << 10

    private let stream: InboundStream
    private let room: SocketRoom
    private let steps = Steps()
    private let state = Mutex(State())

    init(_ stream: InboundStream, _ room: SocketRoom) {
        self.stream = stream
        self.room = room
    }

    /// Takes the next message: one call is under way at a time. `nil`: none comes any more.
    func next(_ answer: @escaping Answer) { steps.go { [self] in read(answer) } }

    /// Nobody reads on.
    func cancel() { stream.cancel() }

    private enum Find {
        case message(SocketMessage, room: Int)
        case wants(Int)
        case more
    }

    private func read(_ answer: @escaping Answer) {
        let find = state.withLock { state -> Find in
            let length = state.decoder.length ?? 0
            if let message = state.decoder.next() {
                defer { state.room = 0 }
                return .message(message, room: state.room)
            }
            guard length > Self.mostRead, state.room == 0 else { return .more }
            state.room = length
            return .wants(length)
        }
        switch find {
        case .message(let message, let held):
            room.giveBack(held)
            answer(.success(message))
        case .wants(let count): room.take(count) { [self] in steps.go { [self] in read(answer) } }
        case .more:
            stream.read(atMost: Self.mostRead) { [self] result in
                switch result {
                case .success(let bytes?):
                    state.withLock { $0.decoder.append(bytes) }
                    steps.go { [self] in read(answer) }
                case .success(nil):
                    leave()
                    answer(.success(nil))
                case .failure(let error):
                    leave()
                    answer(.failure(error))
                }
            }
        }
    }

    /// What has begun has no end.
    private func leave() {
        let held = state.withLock { state in
            defer { state = State() }
            return state.room
        }
        room.giveBack(held)
    }
}

/// Room for the large messages that come over one connection: who finds none waits, and so does the one who sends it.
/// It is kept only while the other side's bytes come, never while somebody here takes their time.
final class SocketRoom: Sendable {
    private struct State {
        var left: Int
        var waiting: [(count: Int, then: @Sendable () -> Void)] = []
    }
    private let state: Mutex<State>

    /// - Parameter bytes: no less than one message may have.
    init(bytes: Int = 64 << 20) { state = Mutex(State(left: max(bytes, SocketCoding.mostBytes))) }

    /// Goes on at once where there is room, otherwise when it is this one's turn.
    func take(_ count: Int, _ then: @escaping @Sendable () -> Void) {
        let isThere = state.withLock { state in
            guard state.waiting.isEmpty, count <= state.left else {
                state.waiting.append((count, then))
                return false
            }
            state.left -= count
            return true
        }
        if isThere { then() }
    }

    func giveBack(_ count: Int) {
        guard count > 0 else { return }
        let next = state.withLock { state in
            state.left += count
            var next: [@Sendable () -> Void] = []
            while let first = state.waiting.first, first.count <= state.left {
                state.left -= first.count
                next.append(state.waiting.removeFirst().then)
            }
            return next
        }
        for then in next { then() }
    }
}
