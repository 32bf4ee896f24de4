// SPDX-License-Identifier: Apache-2.0

/// Header fields in one piece of memory, as `NAME LF VALUE LF NAME LF VALUE LF …`.
///
/// Names of requests are in lower case. A value is bytes: those above 0x7F are Latin-1 to a script. Neither names nor
/// values hold a line end, so that splitting at LF gives names and values in turn.
public struct HeaderBlock: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// The fields; empty, or ends with LF.
    public private(set) var bytes: [UInt8]

    /// No fields.
    public init() { bytes = [] }

    /// Fields that are laid out already. What is not laid out as a block, or no header, is dropped when it is written.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// Fields in this order.
    public init(dictionaryLiteral fields: (String, String)...) {
        bytes = []
        for (name, value) in fields { append(name, value) }
    }

    /// Adds a field. A name that is no token, or a value with a control, is not added: the answer is false.
    @discardableResult
    public mutating func append(_ name: String, _ value: String) -> Bool {
        guard !name.isEmpty, name.utf8.allSatisfy(Octet.isToken), value.utf8.allSatisfy(Octet.isFieldContent)
        else { return false }
        for byte in name.utf8 { bytes.append(Octet.lowercase(byte)) }
        bytes.append(Octet.lf)
        bytes.append(contentsOf: value.utf8)
        bytes.append(Octet.lf)
        return true
    }

    /// The values of a field in their order. `name` is in lower case.
    public func values(of name: String) -> [String] {
        var found: [String] = []
        for field in fields where bytes[field.name].elementsEqual(name.utf8) {
            found.append(String(decoding: bytes[field.value], as: UTF8.self))
        }
        return found
    }

    /// The first value of a field. `name` is in lower case.
    public func first(_ name: String) -> String? {
        for field in fields where bytes[field.name].elementsEqual(name.utf8) {
            return String(decoding: bytes[field.value], as: UTF8.self)
        }
        return nil
    }

    /// Where each field's name and value are in `bytes`.
    public var fields: HeaderFields { HeaderFields(block: bytes, position: 0) }
}

/// The fields of a block in their order.
public struct HeaderFields: Sequence, IteratorProtocol {
    let block: [UInt8]
    var position: Int

    /// The next field; nothing of what is no whole pair of lines.
    public mutating func next() -> (name: Range<Int>, value: Range<Int>)? {
        let (bytes, start) = (block, position)
        let span = bytes.span
        guard let nameEnd = span.firstLineEnd(from: start), let valueEnd = span.firstLineEnd(from: nameEnd + 1)
        else { return nil }
        position = valueEnd + 1
        return (start..<nameEnd, nameEnd + 1..<valueEnd)
    }
}

extension Span<UInt8> {
    /// The next LF.
    func firstLineEnd(from start: Int) -> Int? {
        var index = start
        while index < count {
            if self[index] == Octet.lf { return index }
            index += 1
        }
        return nil
    }
}
