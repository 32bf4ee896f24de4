// SPDX-License-Identifier: Apache-2.0

/// Names of modules are relative paths that mean the same as part of a URL and as part of a file's name.
enum ModuleName {
    static let mostBytes = 256

    /// What is wrong with a name; `nil` where nothing is.
    static func fault(of name: String) -> String? {
        guard !name.isEmpty else { return "the name of a module is empty" }
        guard name.utf8.count <= mostBytes else {
            return "the name of a module has more than \(mostBytes) bytes"
        }
        guard name.utf8.allSatisfy(isPlain) else {
            return "the name of a module has letters, digits, slashes and -._~@+$!()[],= only"
        }
        for segment in name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if segment.isEmpty { return "the name of a module is a relative path, without empty parts" }
            if segment.elementsEqual(".".utf8) || segment.elementsEqual("..".utf8) {
                return "the name of a module has no parts that are \".\" or \"..\""
            }
        }
        return nil
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "/-._~@+$!()[],=".utf8.contains(byte)
    }
}
