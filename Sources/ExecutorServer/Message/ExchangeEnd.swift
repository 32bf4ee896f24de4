// SPDX-License-Identifier: Apache-2.0

internal import HostAPI

extension Exchange {
    /// It ends without the client having its answer.
    func lose() {
        body?.end(.failure(.clientLeft))
        let writer = state.writer
        let commands = waiting
        state.writer = nil
        waiting = []
        let wasOver = state.phase == .over
        state.phase = .over
        writer?(.closed)
        for command in commands { command.refuse() }
        if !wasOver { observer?.clientLeft(self, .disconnected) }
        observer = nil
    }
}

extension HostError {
    static let clientLeft = HostError(.unavailable, "the client went away before the end of its request")
}

extension ExchangeCommand {
    /// The exchange is over.
    func refuse() {
        switch self {
        case .write(_, let answer): answer(.closed)
        case .readBody(_, let answer): answer(.failure(HostError(.cancelled, "the exchange is over")))
        case .acceptWebSocket(_, _, let handler): handler.closed(.abnormal, unread: [])
        case .socket(let command): command.refuse()
        case .respond, .start, .finish, .abort, .inform, .cancelBody: break
        }
    }
}
