// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import WorkerRuntime
internal import WorkerTypes

/// `--request` and what belongs to it.
struct RequestOptions: ParsableArguments {
    @Option(help: .init("FILE is a worker: ask it this and print its answer.", valueName: "URL")) var request: String?
    @Option(
        name: .customShort("X"), help: .init("The request's method. GET, or POST with a body.", valueName: "METHOD"))
    var method: String?
    @Option(name: .customShort("H"), help: .init("A header of the request.", valueName: "K: V"))
    var headers: [String] = []
    @Option(name: .customShort("d"), parsing: .unconditional, help: .init("The request's body.", valueName: "BODY"))
    var body: String?
    @Flag(name: .customShort("i"), help: "Print status and headers too.") var includesHead = false

    /// The request; `nil` where none is wanted.
    func parsed() throws -> WorkerRequest? {
        guard let request else {
            let given = [("-X", method != nil), ("-H", !headers.isEmpty), ("-d", body != nil), ("-i", includesHead)]
            for (option, isGiven) in given where isGiven {
                throw CommandEnded(.wrongUsage, "\(option) is part of a request: give --request URL too")
            }
            return nil
        }
        guard let url = ModuleURL(request), ["http", "https"].contains(url.scheme) else {
            throw CommandEnded(.wrongUsage, "--request takes an http: or https: URL, not \"\(request)\"")
        }
        let method = method ?? (body == nil ? "GET" : "POST")
        guard Self.isToken(method) else {
            throw CommandEnded(.wrongUsage, "-X takes a method such as GET or POST, not \"\(method)\"")
        }
        guard body == nil || !["GET", "HEAD"].contains(method.uppercased()) else {
            throw CommandEnded(
                .wrongUsage, "-d: a \(method.uppercased()) request has no body; give -X POST or leave -X out")
        }
        return WorkerRequest(
            Self.normalised(method), request, headers: try headers.map(Self.field), body: body.map { Array($0.utf8) })
    }

    /// Fetch, 2.2.1: only these are compared in upper case.
    private static func normalised(_ method: String) -> String {
        let upper = method.uppercased()
        return ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"].contains(upper) ? upper : method
    }

    private static func field(_ text: String) throws -> HeaderField {
        guard let colon = text.firstIndex(of: ":"), isToken(text[..<colon]),
            !text.utf8.contains(where: { $0 == 0 || $0 == 10 || $0 == 13 })
        else { throw CommandEnded(.wrongUsage, "-H takes 'NAME: VALUE', not \"\(text)\"") }
        let value = text[text.index(after: colon)...].utf8.drop { $0 == 32 || $0 == 9 }
        // Each character of a value is a byte.
        return HeaderField(String(text[..<colon]), String(String.UnicodeScalarView(value.map { Unicode.Scalar($0) })))
    }

    private static func isToken(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }
}
