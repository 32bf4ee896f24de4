// SPDX-License-Identifier: Apache-2.0

extension HostArguments {
    /// The most headers of a request, and the most bytes of them together.
    private static let mostHeaders = 512
    private static let mostHeaderBytes = 128 << 10

    /// Headers that a script set, as pairs within an argument: names that are tokens; values, trimmed, in isomorphic
    /// encoding (each scalar is a byte), without what would end a line. Only those that are `kept` count.
    package func headers(
        _ index: Int, _ pairs: [[String]], keeping isKept: (_ name: String) -> Bool = { _ in true }
    ) throws(HostError) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        var bytes = 0
        for pair in pairs {
            guard pair.count == 2 else { throw invalid(index, "has a header that is no pair of name and value") }
            let name = pair[0]
            let value = Self.trimmed(pair[1])
            guard NetworkRequest.isToken(name) else {
                throw invalid(index, "has \(HostError.quote(name)), which is no name of a header")
            }
            guard value.unicodeScalars.allSatisfy({ $0.value <= 0xff && ![0, 10, 13].contains($0.value) }) else {
                throw invalid(index, "has a value of \(name) that no header can have")
            }
            guard isKept(name) else { continue }
            bytes += name.utf8.count + value.unicodeScalars.count + 4
            fields.append((name, value))
        }
        guard fields.count <= Self.mostHeaders, bytes <= Self.mostHeaderBytes else {
            throw invalid(
                index, "has too many headers: \(Self.mostHeaders) with \(Self.mostHeaderBytes) bytes are taken")
        }
        return fields
    }

    private static func trimmed(_ value: String) -> String {
        func isSpace(_ scalar: Unicode.Scalar) -> Bool { [9, 10, 13, 32].contains(scalar.value) }
        let scalars = value.unicodeScalars
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(scalars[first...last])
    }
}
