// SPDX-License-Identifier: Apache-2.0
internal import Registry

/// Why an administrator does not get what was asked for, as they read it.
struct AdminError: Error, Sendable {
    var status: Int
    /// A word for programs.
    var code: String
    /// What is wrong and what to do.
    var message: String
    /// Where in the manifest.
    var path: String?
    var problems: [DeploymentProblem] = []
    /// Header fields beside those that every answer has.
    var headers: [(String, String)] = []

    init(_ status: Int, _ code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    /// One that passes by itself.
    static func busy(_ message: String, code: String = "busy", after seconds: Int = 1) -> AdminError {
        var error = AdminError(503, code, message)
        error.headers = [("retry-after", "\(seconds)")]
        return error
    }

    static let unknownPath = AdminError(
        404, "notFound",
        "there is nothing at this path; see /v1/workers, /v1/workers/NAME (and /rollback, /logs below it), /v1/run, "
            + "/metrics, /healthz, /readyz")

    static func unknownWorker(_ name: String) -> AdminError {
        AdminError(404, "unknownWorker", "there is no worker \"\(name)\"")
    }

    static func tooLarge(_ most: Int) -> AdminError {
        AdminError(413, "tooLarge", "a body of more than \(most) bytes; send less, or let the operator allow more")
    }

    static func method(_ allowed: [String]) -> AdminError {
        let list = allowed.joined(separator: ", ")
        var error = AdminError(405, "methodNotAllowed", "this path takes \(list)")
        error.headers = [("allow", list)]
        return error
    }

    init(_ error: ManifestError) {
        switch error.kind {
        case .malformed: self.init(400, "malformed", error.message)
        case .tooLarge: self.init(413, "tooLarge", error.message)
        }
        if !error.path.isEmpty { path = error.path }
    }

    init(_ error: DeploymentError) {
        switch error {
        case .manifest(let error): self.init(error)
        case .registry(let error): self.init(error)
        case .refused(let problems) where problems.contains { $0.kind == .room }:
            self = .busy(
                "this version could not be tried, and was not put into service: there is no room now; try again")
            self.problems = problems
        case .refused(let problems) where problems.contains { $0.kind == .host }:
            self.init(500, "failed", "this version could not be tried, and was not put into service")
            self.problems = problems
        case .refused(let problems):
            self.init(422, "refused", "this version does not work, and was not put into service")
            self.problems = problems
        }
    }

    init(_ error: RegistryError) {
        switch error.kind {
        case .unknownWorker, .unknownVersion: self.init(404, error.kind.rawValue, error.description)
        case .busy, .locked, .closed: self = .busy(error.description, code: error.kind.rawValue)
        case .full: self.init(507, error.kind.rawValue, error.description)
        case .unreachable, .readOnly, .corrupt, .newer, .foreign, .exposed, .wrongKey, .failed:
            self.init(500, error.kind.rawValue, error.description)
        }
    }

    var answer: AdminAnswer {
        var writer = JSONWriter()
        writer.object { writer in
            writer.name("error")
            writer.object { writer in
                writer.member("code", code)
                writer.member("message", message)
                if path != nil { writer.member("path", path) }
                guard !problems.isEmpty else { return }
                writer.name("problems")
                writer.array(problems) { writer, problem in
                    writer.object { writer in
                        writer.member("kind", problem.kind.rawValue)
                        writer.member("message", problem.message)
                        writer.member("file", problem.module)
                        writer.member("line", problem.line)
                        writer.member("column", problem.column)
                        writer.member("stack", problem.stack)
                    }
                }
            }
        }
        return AdminAnswer(status: status, json: writer, headers: headers)
    }
}

/// What an administrator gets.
struct AdminAnswer: Sendable {
    var head: ResponseHead
    var body: [UInt8]

    /// Nothing to read.
    init(status: Int) {
        head = ResponseHead(status: status, headers: ["cache-control": "no-store"])
        body = []
    }

    init(status: Int = 200, type: String, body: [UInt8], headers: [(String, String)] = []) {
        var fields: HeaderBlock = ["content-type": type, "cache-control": "no-store"]
        for (name, value) in headers { fields.append(name, value) }
        head = ResponseHead(status: status, headers: fields)
        self.body = body
    }

    init(status: Int = 200, json: JSONWriter, headers: [(String, String)] = []) {
        self.init(status: status, type: "application/json", body: json.bytes + [Octet.lf], headers: headers)
    }

    init(status: Int = 200, text: String, headers: [(String, String)] = []) {
        self.init(status: status, type: "text/plain; charset=utf-8", body: Array("\(text)\n".utf8), headers: headers)
    }
}
