// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import Isolates
package import WorkerTypes

/// A run's record for people and for programs.
package enum RunReport {
    /// The uncaught error with place, source line, stack and importers; `nil` where there is none to show.
    package static func uncaught(_ record: RunRecord) -> String? {
        guard record.outcome == .exception || record.outcome == .internalError, let exception = record.exception else {
            return nil
        }
        var lines: [String] = []
        if exception.line > 0 {
            lines.append("\(exception.url):\(exception.line):\(exception.column)")
            if !exception.sourceLine.isEmpty {
                lines.append(exception.sourceLine)
                lines.append(caret(under: exception.sourceLine, column: exception.column))
            }
        } else if !exception.url.isEmpty {
            lines.append(exception.url)
        }
        lines.append("Uncaught " + (record.shownException.isEmpty ? exception.stack : record.shownException))
        lines += record.importedFrom.map { "    imported from \($0)" }
        return lines.joined(separator: "\n")
    }

    /// Under the column, with the line's own tabs.
    package static func caret(under line: String, column: Int) -> String {
        line.utf16.prefix(max(0, column - 1)).map { $0 == 9 ? "\t" : " " }.joined() + "^"
    }

    /// The object of `rookery run --json`, on one line.
    package static func json(
        _ record: RunRecord, lines: [ConsoleLine], response: (head: ResponseHead, body: [UInt8])? = nil
    ) -> String { json(members: members(record, lines: lines, response: response), usage: record.usage) }

    /// The same of its two parts.
    static func json(members: String, usage: Usage) -> String { "{\(members),\"usage\":\(encode(usage))}" }

    /// Its members but for `usage`.
    static func members(
        _ record: RunRecord, lines: [ConsoleLine], response: (head: ResponseHead, body: [UInt8])? = nil
    ) -> String {
        let members: [(String, String)] = [
            ("outcome", encode(record.outcome.rawValue)),
            ("value", record.value.map { String(decoding: $0.jsonText, as: UTF8.self) } ?? "null"),
            ("error", record.outcome == .ok ? "null" : encode(record.exception.map(ErrorObject.init))),
            ("logs", encode(lines.map(LogObject.init))),
            ("response", response.map { encode(ResponseObject(head: $0.head, body: $0.body)) } ?? "null"),
            ("approached", encode(record.approached.names)),
        ]
        return members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",")
    }

    private struct LogObject: Encodable {
        let level: String
        let message: String
        let time: Double

        init(_ line: ConsoleLine) {
            level = line.level
            message = line.message
            time = (line.time * 1000).rounded() / 1000
        }
    }

    private struct ResponseObject: Encodable {
        let head: ResponseHead
        let body: [UInt8]

        private enum Key: String, CodingKey { case status, statusText, headers, body, bodyEncoding }

        func encode(to encoder: any Encoder) throws {
            var object = encoder.container(keyedBy: Key.self)
            try object.encode(head.status, forKey: .status)
            try object.encode(head.statusText, forKey: .statusText)
            // Values of one name make one, but for cookies, which may have commas.
            var headers: [String: String] = [:]
            for field in head.headers {
                let separator = field.name == "set-cookie" ? "\n" : ", "
                headers[field.name] = headers[field.name].map { $0 + separator + field.value } ?? field.value
            }
            try object.encode(headers, forKey: .headers)
            if let text = String(validating: body, as: UTF8.self) {
                try object.encode(text, forKey: .body)
            } else {
                try object.encode(Data(body).base64EncodedString(), forKey: .body)
                try object.encode("base64", forKey: .bodyEncoding)
            }
        }
    }

    private struct ErrorObject: Encodable {
        let exception: ScriptException

        init(_ exception: ScriptException) { self.exception = exception }

        private enum Key: String, CodingKey { case name, message, stack, file, line, column, code }

        func encode(to encoder: any Encoder) throws {
            var object = encoder.container(keyedBy: Key.self)
            try object.encode(exception.name, forKey: .name)
            try object.encode(exception.message, forKey: .message)
            try object.encode(exception.stack, forKey: .stack)
            // Every key is there; what is not known is null.
            try object.encode(exception.url.isEmpty ? nil : exception.url, forKey: .file)
            try object.encode(exception.line > 0 ? exception.line : nil, forKey: .line)
            try object.encode(exception.column > 0 ? exception.column : nil, forKey: .column)
            try object.encode(exception.code, forKey: .code)
        }
    }

    private static func encode(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and whole numbers always encode.
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}

extension LimitSet {
    /// As scripts hear of them.
    var names: [String] {
        [(LimitSet.cpu, "cpu"), (.wall, "wall"), (.memory, "memory")].filter { contains($0.0) }.map(\.1)
    }
}
