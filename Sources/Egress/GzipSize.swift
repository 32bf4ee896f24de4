// SPDX-License-Identifier: Apache-2.0
internal import CContentCoding

/// What gzip makes of bytes.
package enum GzipSize {
    /// In bytes.
    package static func of(_ bytes: [UInt8]) -> Int {
        unsafe bytes.withUnsafeBufferPointer { unsafe cc_gzip_size($0.baseAddress, $0.count) }
    }
}
