// SPDX-License-Identifier: Apache-2.0
internal import Registry

/// What an administrator asks for.
enum AdminRoute: Sendable, Equatable {
    case health
    case readiness
    case metrics
    case list(after: String?, limit: Int)
    case details(WorkerName)
    case deploy(WorkerName)
    case delete(WorkerName)
    case rollback(WorkerName)
    case logs(WorkerName, tail: Int)
    case run

    /// What a method asks for at a path.
    private struct Choice {
        let methods: [String]
        let make: () throws(AdminError) -> AdminRoute

        init(_ methods: String..., make: @escaping () throws(AdminError) -> AdminRoute) {
            self.methods = methods
            self.make = make
        }

        /// HEAD is a GET whose answer has no body: the front leaves it out.
        static func reading(_ make: @escaping () throws(AdminError) -> AdminRoute) -> Choice {
            Choice("GET", "HEAD", make: make)
        }
    }

    /// Reads method and target.
    init(method: String, target: String) throws(AdminError) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        let choices = try Self.choices(Array(path.dropFirst()), AdminQuery(parts.count > 1 ? parts[1] : ""))
        guard let choice = choices.first(where: { $0.methods.contains(method) }) else {
            throw .method(choices.flatMap(\.methods))
        }
        self = try choice.make()
    }

    private static func choices(_ path: [Substring], _ query: AdminQuery) throws(AdminError) -> [Choice] {
        switch path {
        case ["healthz"]: return [.reading { () throws(AdminError) in .health }]
        case ["readyz"]: return [.reading { () throws(AdminError) in .readiness }]
        case ["metrics"]: return [.reading { () throws(AdminError) in .metrics }]
        case ["v1", "run"]: return [Choice("POST") { () throws(AdminError) in .run }]
        case ["v1", "workers"]: return [.reading { () throws(AdminError) in try list(query) }]
        default: break
        }
        guard path.starts(with: ["v1", "workers"]), (3...4).contains(path.count), !path[2].isEmpty else {
            throw .unknownPath
        }
        return try choices(ofWorker: path[2], path.count > 3 ? path[3] : nil, query)
    }

    private static func choices(
        ofWorker name: Substring, _ part: Substring?, _ query: AdminQuery
    ) throws(AdminError) -> [Choice] {
        switch part {
        case nil:
            [
                .reading { () throws(AdminError) in .details(try known(name)) },
                Choice("PUT") { () throws(AdminError) in .deploy(try new(name)) },
                Choice("DELETE") { () throws(AdminError) in .delete(try known(name)) },
            ]
        case "rollback": [Choice("POST") { () throws(AdminError) in .rollback(try known(name)) }]
        case "logs":
            [
                Choice("GET") { () throws(AdminError) in
                    .logs(try known(name), tail: try query.number("tail", or: 0, most: 10_000))
                }
            ]
        case _?: throw .unknownPath
        }
    }

    private static func list(_ query: AdminQuery) throws(AdminError) -> AdminRoute {
        .list(after: query["after"], limit: try query.number("limit", or: 100, most: 1000))
    }

    /// What is no name is the name of no worker.
    private static func known(_ name: Substring) throws(AdminError) -> WorkerName {
        do throws(ManifestError) {
            return try WorkerName(String(name))
        } catch {
            throw AdminError(404, "unknownWorker", error.message)
        }
    }

    private static func new(_ name: Substring) throws(AdminError) -> WorkerName {
        do throws(ManifestError) {
            return try WorkerName(String(name))
        } catch {
            throw AdminError(error)
        }
    }
}

/// The query of a target. Names and values that the API takes need no escapes, and those that have some are not theirs.
struct AdminQuery {
    private let pairs: [(name: Substring, value: Substring)]

    init(_ text: Substring) {
        pairs = text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
    }

    subscript(name: String) -> String? { pairs.last { $0.name == name }.map { String($0.value) } }

    func number(_ name: String, or standard: Int, most: Int) throws(AdminError) -> Int {
        guard let text = self[name] else { return standard }
        guard let number = Int(text), number >= 0 else {
            throw AdminError(400, "malformed", "\(name) takes a whole number from 0 on")
        }
        return min(number, most)
    }
}
