// SPDX-License-Identifier: Apache-2.0

/// Bytes as lower-case hexadecimal digits.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { byte in [digits[Int(byte >> 4)], digits[Int(byte & 15)]] })
}

/// 256 bits that nobody can foresee.
func randomKey() -> [UInt8] {
    var source = SystemRandomNumberGenerator()
    return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &source) }
}
