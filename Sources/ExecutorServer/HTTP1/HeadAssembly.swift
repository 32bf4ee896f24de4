// SPDX-License-Identifier: Apache-2.0

extension RequestHead {
    /// Lays out a head that was read from bytes of HTTP/1: one allocation, one pass.
    /// - Parameter added: fields of the front's own, laid out as a block.
    init(_ shape: RequestShape, _ bytes: Span<UInt8>, _ fields: [FieldPlace], scheme: [UInt8], added: [UInt8]) {
        let needsSlash = shape.target.isEmpty || bytes[shape.target.lowerBound] == UInt8(ascii: "?")
        let capacity = shape.length + scheme.count + added.count + shape.authority.count + 8
        let authority = Self.withoutOwnPort(bytes, shape.authority, scheme)
        let laidOut = [UInt8](capacity: capacity) { (out: inout OutputSpan<UInt8>) in
            out.copy(bytes, shape.method)
            out.append(Octet.lf)
            out.copy(scheme.span, scheme.indices)
            out.copyLowercase(bytes, authority)
            if needsSlash { out.append(Octet.slash) }
            out.copy(bytes, shape.target)
            out.append(Octet.lf)
            for field in fields where !field.isHidden {
                out.copyLowercase(bytes, field.name)
                out.append(Octet.lf)
                out.copy(bytes, field.value)
                out.append(Octet.lf)
            }
            out.copy(added.span, added.indices)
        }
        let authorityStart = shape.method.count + 1 + scheme.count
        let targetStart = authorityStart + authority.count
        let targetEnd = targetStart + shape.target.count + (needsSlash ? 1 : 0)
        self.init(
            bytes: laidOut, methodRange: 0..<shape.method.count, authorityRange: authorityStart..<targetStart,
            targetRange: targetStart..<targetEnd, headerRange: targetEnd + 1..<laidOut.count)
    }

    /// `:80` after a host says nothing with `http:`.
    static func withoutOwnPort(_ bytes: Span<UInt8>, _ authority: Range<Int>, _ scheme: [UInt8]) -> Range<Int> {
        let port = scheme.count == 7 ? ":80" : ":443"
        let kept = authority.count - port.utf8.count
        guard kept > 0, bytes.equals(authority.lowerBound + kept..<authority.upperBound, port) else {
            return authority
        }
        return authority.lowerBound..<authority.lowerBound + kept
    }
}

extension OutputSpan<UInt8> {
    @inline(__always)
    mutating func copy(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        for index in range { append(bytes[index]) }
    }

    @inline(__always)
    mutating func copyLowercase(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        for index in range { append(Octet.lowercase(bytes[index])) }
    }
}
