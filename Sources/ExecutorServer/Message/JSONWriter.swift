// SPDX-License-Identifier: Apache-2.0

/// Writes JSON texts into bytes: no values in between, and no allocation once the bytes have their size.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Empty again, with the memory.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    // MARK: Structure

    mutating func object(_ members: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        members(&self)
        close(UInt8(ascii: "}"))
    }

    mutating func array<Elements: Sequence>(
        _ elements: Elements, _ write: (inout JSONWriter, Elements.Element) -> Void
    ) {
        open(UInt8(ascii: "["))
        for element in elements { write(&self, element) }
        close(UInt8(ascii: "]"))
    }

    /// The name of the member whose value comes next; nothing in it needs escapes.
    mutating func name(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: name.description.utf8)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// The members of an object that is JSON already, as members of this one.
    mutating func members(of object: [UInt8]) {
        let inner = object.dropFirst().dropLast()
        guard !inner.isEmpty else { return }
        separate()
        bytes += inner
        needsComma = true
    }

    /// What is no JSON, between two texts.
    mutating func text(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        needsComma = false
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    // MARK: Members

    mutating func member(_ name: StaticString, _ value: String?) {
        self.name(name)
        if let value { write(value) } else { null() }
    }

    mutating func member(_ name: StaticString, _ value: Int?) {
        self.name(name)
        if let value { write(value) } else { null() }
    }

    /// To thousandths.
    mutating func member(_ name: StaticString, _ value: Double) {
        self.name(name)
        write(value)
    }

    // MARK: Values

    mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
        needsComma = true
    }

    mutating func write(_ value: Int) {
        separate()
        appendDigits(value)
        needsComma = true
    }

    private mutating func write(_ value: Double) {
        guard value.magnitude < 9e15 else { return null() }
        separate()
        let thousandths = Int((value * 1000).rounded())
        if thousandths < 0 { bytes.append(UInt8(ascii: "-")) }
        let (whole, rest) = thousandths.magnitude.quotientAndRemainder(dividingBy: 1000)
        appendDigits(Int(whole))
        if rest > 0 {
            bytes.append(UInt8(ascii: "."))
            bytes.append(UInt8(ascii: "0") + UInt8(rest / 100))
            bytes.append(UInt8(ascii: "0") + UInt8(rest / 10 % 10))
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
        }
        needsComma = true
    }

    /// Up to 15 characters are in the value itself: nothing is allocated for them.
    private mutating func appendDigits(_ value: Int) { bytes.append(contentsOf: String(value).utf8) }

    mutating func write(_ value: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: escape(UInt8(ascii: "n"))
            case 0x0D: escape(UInt8(ascii: "r"))
            case 0x09: escape(UInt8(ascii: "t"))
            case ..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Hexadecimal.digit(byte >> 4))
                bytes.append(Hexadecimal.digit(byte & 15))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func escape(_ letter: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(letter)
    }
}

/// Lower-case hexadecimal digits.
enum Hexadecimal {
    /// The digit of a number below 16.
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + (value - 10)
    }
}
