// SPDX-License-Identifier: Apache-2.0

/// Prometheus's text format, version 0.0.4.
struct Exposition {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var bytes: [UInt8] = []

    /// What a family of samples is.
    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        bytes.append(contentsOf: "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n".utf8)
    }

    mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: String) {
        bytes.append(contentsOf: name.utf8)
        if !labels.isEmpty {
            bytes.append(UInt8(ascii: "{"))
            for (index, (label, value)) in labels.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes.append(contentsOf: label.utf8)
                bytes.append(contentsOf: "=\"".utf8)
                appendEscaped(value)
                bytes.append(UInt8(ascii: "\""))
            }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(contentsOf: " \(value)\n".utf8)
    }

    /// A family with one sample.
    mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        family(name, kind, help)
        sample(name, [], "\(value)")
    }

    /// A family with a histogram for each set of labels.
    mutating func histogram(
        _ name: String, _ help: String, _ histograms: [(labels: [(String, String)], histogram: Histogram)]
    ) {
        family(name, .histogram, help)
        for (labels, histogram) in histograms {
            for (bound, count) in zip(Histogram.bounds, histogram.cumulative) {
                sample("\(name)_bucket", labels + [("le", Self.seconds(bound))], "\(count)")
            }
            sample("\(name)_bucket", labels + [("le", "+Inf")], "\(histogram.count)")
            sample("\(name)_sum", labels, Self.seconds(histogram.sum))
            sample("\(name)_count", labels, "\(histogram.count)")
        }
    }

    /// Microseconds as seconds, exactly.
    static func seconds(_ microseconds: Int) -> String {
        let (whole, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        guard rest != 0 else { return "\(whole)" }
        let digits = String(rest.magnitude)
        var fraction = String(repeating: "0", count: 6 - digits.count) + digits
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(whole).\(fraction)"
    }

    private mutating func appendEscaped(_ value: String) {
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), byte]
            case Octet.lf: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            default: bytes.append(byte)
            }
        }
    }
}
